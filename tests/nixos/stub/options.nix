# The options of NixOS that the module reads or sets, with their types and defaults
{ lib, ... }:

let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
  flag = option types.bool;
  list = option (types.listOf types.anything) [ ];
  table = option (types.attrsOf types.anything) { };

  service = {
    options = {
      description = option types.str "";
      wantedBy = list;
      after = list;
      unitConfig = table;
      serviceConfig = table;
      restartIfChanged = flag true;
      stopIfChanged = flag true;
      reloadIfChanged = flag false;
      restartTriggers = list;
      reloadTriggers = list;
    };
  };
  script = {
    options = {
      deps = list;
      text = option types.lines "";
      supportsDryActivation = flag false;
    };
  };
  file = {
    options.source = mkOption { type = types.path; };
  };
in
{
  options = {
    assertions = list;
    environment = {
      etc = option (types.attrsOf (types.submodule file)) { };
      systemPackages = list;
      pathsToLink = list;
    };
    networking = {
      hostName = option types.str "nixos";
      useDHCP = flag true;
      interfaces = table;
      bonds = table;
      bridges = table;
      vlans = table;
      macvlans = table;
    };
    services.openiscsi.enable = flag false;
    system = {
      build = table;
      activationScripts = option (types.attrsOf (types.submodule script)) { };
    };
    systemd = {
      package = mkOption { type = types.package; };
      packages = list;
      services = option (types.attrsOf (types.submodule service)) { };
      network = {
        enable = flag false;
        networks = table;
        netdevs = table;
      };
    };
  };
}
