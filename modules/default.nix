# NixOS: the spec from `services.hostwright.settings`, compiled when the system is built, applied when it is switched to
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.hostwright;
  format = pkgs.formats.toml { };

  # A directory with the spec and, to be looked at, everything it compiles to. The spec is copied first: diagnostics
  # name it by the path that is given.
  compiled = pkgs.runCommand "hostwright-host" { } ''
    cp ${format.generate "host.toml" cfg.settings} host.toml
    ${cfg.package}/bin/hostwright --color never build --out "$out/artifacts" host.toml
    cp host.toml "$out/host.toml"
  '';

  # Never stopped, restarted or reloaded by a switch.
  untouched = {
    restartIfChanged = false;
    stopIfChanged = false;
  };

  linkKinds = [
    "nic"
    "bond"
    "vlan"
    "bridge"
    "macvlan"
    "macvtap"
    "vrf"
    "dummy"
  ];
  links = lib.concatMap (kind: lib.attrNames (cfg.settings.${kind} or { })) linkKinds;
  claimedTwice = lib.concatMap (option: lib.intersectLists links (lib.attrNames config.networking.${option})) [
    "interfaces"
    "bonds"
    "bridges"
    "vlans"
    "macvlans"
  ];
  network = config.systemd.network;
  foreign = lib.attrNames network.networks ++ lib.attrNames network.netdevs;
in
{
  options.services.hostwright = {
    enable = lib.mkEnableOption "hostwright, one TOML file for a hypervisor host";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "Package with hostwright's programs, units and generator.";
    };

    settings = lib.mkOption {
      type = format.type;
      default = { };
      example = lib.literalExpression ''
        {
          nic.eno1.addresses = [ "192.0.2.2/24" ];
          vlan.storage = { id = 42; parent = "eno1"; addresses = [ "10.0.42.2/24" ]; };
        }
      '';
      description = ''
        The spec, as `hostwright explain --list` describes it. It is compiled when the system is built: an error in it
        fails the build. It is readable by everyone in the store; secrets are named in it, never written.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    services.hostwright.settings = {
      language = lib.mkDefault 1;
      host = {
        name = lib.mkDefault config.networking.hostName;
        systemd = lib.mkDefault (lib.toInt (lib.versions.major config.systemd.package.version));
      };
    };

    assertions = [
      {
        assertion = foreign == [ ];
        message = ''
          services.hostwright writes all files of networkd, but systemd.network defines ${toString foreign}.
          Describe these links in services.hostwright.settings, or take them out of systemd.network and networking.
        '';
      }
      {
        assertion = claimedTwice == [ ];
        message = ''
          services.hostwright.settings and networking both define ${toString claimedTwice}.
          Take these links out of networking.
        '';
      }
      {
        assertion = !(config.networking.networkmanager.enable or false);
        message = ''
          services.hostwright and networking.networkmanager exclude each other: one of them owns the links.
        '';
      }
      {
        assertion = (config.system.etc.overlay.enable or false) -> config.system.etc.overlay.mutable;
        message = ''
          services.hostwright keeps what boots in /etc/hostwright/applied.toml: set system.etc.overlay.mutable.
        '';
      }
    ];

    environment.etc."hostwright/host.toml".source = "${compiled}/host.toml";
    environment.systemPackages = [ cfg.package ];
    # The schema, where a spec can name it: `/run/current-system/sw/share/hostwright/schema.json`.
    environment.pathsToLink = [ "/share/hostwright" ];
    system.build.hostwright = compiled;

    # Else a link that no table names gets an address by DHCP.
    networking.useDHCP = false;
    systemd.network.enable = true;

    # Units and generator are the package's; what follows adds to them.
    systemd.packages = [ cfg.package ];
    systemd.services = {
      hostwright-network = untouched // {
        wantedBy = [ "sysinit.target" ];
      };
      hostwright-recover = untouched // {
        wantedBy = [ "multi-user.target" ];
      };

      hostwright-switch = {
        description = "hostwright applies the system's spec";
        wantedBy = [ "multi-user.target" ];
        # A torn apply is ended before another begins.
        after = [
          "hostwright-recover.service"
          "systemd-networkd.service"
          "libvirtd.service"
          "dbus.service"
        ];
        unitConfig.ConditionPathExists = "/var/lib/hostwright/pending";
        # A switch inside the confirm window of the one before is to fail as locked, not to be left out.
        stopIfChanged = false;
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "${pkgs.runtimeShell} ${./switch.sh} ${cfg.package}/bin/hostwright ${compiled}/host.toml";
        };
      };

      # networkd is told of changes by hostwright, in the way that was measured to be harmless here. Triggers would
      # reload it even where a restart is ruled out.
      systemd-networkd = untouched // {
        reloadIfChanged = lib.mkForce false;
        restartTriggers = lib.mkForce [ ];
        reloadTriggers = lib.mkForce [ ];
      };

      # A new systemd changes the template, which would restart every running container.
      "systemd-nspawn@" = untouched;
    }
    # Stopping them logs out of disks in use.
    // lib.optionalAttrs (config.services.openiscsi.enable or false) {
      iscsi = untouched;
      iscsid = untouched;
    };

    system.activationScripts.hostwright = {
      deps = [ "etc" ];
      supportsDryActivation = true;
      text = "${pkgs.runtimeShell} ${./activate.sh} ${compiled}/host.toml";
    };
  };
}
