# A system with the module, as far as it is asked about
{
  # Path of a file in hosts/
  host,
  # Directory with hostwright's programs
  binaries,
  # nixpkgs' lib; absent: the stub
  nixpkgsLib ? null,
  systemd ? "257.9",
  # `/.` changes the package and nothing in it
  revision ? "",
}:

let
  lib = if nixpkgsLib == null then import ./stub/lib.nix else import (/. + nixpkgsLib);
  pkgs = import ./stub/pkgs.nix {
    inherit lib;
    binaries = binaries + revision;
  };
  inherit
    (lib.evalModules {
      specialArgs = { inherit pkgs; };
      modules = [
        ./stub/options.nix
        ../../modules
        { systemd.package = pkgs.systemd systemd; }
        (/. + host)
      ];
    })
    config
    ;

  units = import ./units.nix { inherit config lib pkgs; };
in
{
  failed = map (it: it.message) (builtins.filter (it: !it.assertion) config.assertions);
  etc = lib.attrNames config.environment.etc;
  inherit (config.environment) pathsToLink;
  spec = config.environment.etc."hostwright/host.toml".source;
  compiled = config.system.build.hostwright;
  activation = config.system.activationScripts.hostwright;
  inherit (config.networking) useDHCP;
  inherit (config.services.hostwright) package;
  inherit units;
  networkd = {
    inherit (config.systemd.network) enable;
    inherit (config.systemd.services.systemd-networkd)
      reloadIfChanged
      reloadTriggers
      restartIfChanged
      restartTriggers
      ;
  };
}
