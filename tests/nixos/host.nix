# A host of the module: evaluate { settings; nixpkgsLib; } gives what a switch would see
{
  settings ? "good",
  nixpkgsLib ? null,
}:

let
  stub = import ./stub.nix;
  lib = if nixpkgsLib == null then stub.lib else import nixpkgsLib;
  spec = (import ./settings.nix).${settings};

  # Paths are names here: nothing is built.
  pkgs = {
    formats.toml = _: {
      type = if nixpkgsLib == null then "toml" else lib.types.attrsOf lib.types.anything;
      generate = name: value: "/built/${name}#${builtins.toJSON value}";
    };
    runCommand = name: _: script: "/built/${name}#${builtins.toJSON { inherit script; }}";
    writeShellScript = name: _: "/built/${name}";
    callPackage = _: _: user.services.hostwright.package;
  };

  declared = {
    assertions = [ ];
    environment = {
      systemPackages = [ ];
      etc = { };
    };
    networking = {
      hostName = "hv1";
      useDHCP = false;
      networkmanager.enable = false;
    };
    system = {
      activationScripts = { };
      nixos.label = "25.05";
    };
    systemd = {
      generators = { };
      services = { };
      package.version = "257.6";
      network = {
        enable = false;
        networks = { };
        netdevs = { };
      };
    };
  };

  user.services.hostwright = {
    enable = true;
    settings = spec;
    package = {
      type = "derivation";
      name = "hostwright";
      outPath = "/built/hostwright";
    };
  };

  option = value: lib.mkOption {
    type = if builtins.isList value then lib.types.listOf lib.types.unspecified else lib.types.anything;
    default = value;
  };
  declare = builtins.mapAttrs (_: value: if builtins.isAttrs value && value != { } then declare value else option value);
  real =
    (lib.evalModules {
      modules = [
        ../../modules
        { options = declare declared; }
        {
          config = user;
        }
      ];
      specialArgs = { inherit pkgs; };
    }).config;

  config =
    if nixpkgsLib == null then
      stub.evaluate {
        module = import ../../modules;
        inherit declared user pkgs;
      }
    else
      real;
  source = config.environment.etc."hostwright/host.toml".source;
in
{
  inherit (config.services.hostwright) settings;
  inherit source;
  etc = builtins.attrNames config.environment.etc;
  failed = map (it: it.message) (builtins.filter (it: !it.assertion) config.assertions);
  generators = config.systemd.generators;
  activation = config.system.activationScripts.hostwright.text;
  services = builtins.mapAttrs (_: it: {
    restartIfChanged = it.restartIfChanged or true;
    reloadIfChanged = it.reloadIfChanged or false;
    stopIfChanged = it.stopIfChanged or true;
    triggers = (it.restartTriggers or [ ]) ++ (it.reloadTriggers or [ ]);
  }) config.systemd.services;
}
