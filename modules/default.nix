# NixOS: the settings become hostwright's spec, checked when the system is built and applied when it is switched to.
#
# The module places the spec, units and the generator. networkd's files are hostwright's: it writes them to /run at boot
# and changes them together with a reload where that is harmless. So nothing of this module is below /etc/systemd/network,
# and a switch neither restarts nor reloads networkd.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.hostwright;
  format = pkgs.formats.toml { };
  spec = format.generate "host.toml" cfg.settings;

  # A spec with errors fails the build, with hostwright's own words.
  checked = pkgs.runCommand "hostwright-host.toml" { } ''
    cp ${spec} host.toml
    ${cfg.package}/bin/hostwright --color never check host.toml
    cp host.toml $out
  '';

  # Nothing that the host runs is touched by a switch but through `hostwright apply`.
  untouched = {
    restartIfChanged = false;
    reloadIfChanged = false;
    stopIfChanged = false;
  };

  switch = pkgs.writeShellScript "hostwright-switch" ''
    cmp --silent ${checked} /etc/hostwright/applied.toml && exit 0
    exec ${cfg.package}/bin/hostwright apply --yes ${checked}
  '';

  switched = pkgs.writeShellScript "hostwright-switched" ''
    if [ "$SERVICE_RESULT" = success ]; then
      rm --force /etc/hostwright/refused
    else
      echo ${checked} > /etc/hostwright/refused
    fi
  '';
in
{
  options.services.hostwright = {
    enable = lib.mkEnableOption "hostwright, which makes a hypervisor host of one spec";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "Package with hostwright's programs.";
    };

    settings = lib.mkOption {
      type = format.type;
      default = { };
      example = {
        nic.eno1.addresses = [ "192.0.2.2/24" ];
        vlan.storage = {
          id = 42;
          parent = "eno1";
        };
      };
      description = ''
        The spec, table by table; `hostwright explain --list` names all keys.
        The host's name and the version of systemd are filled in.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = config.systemd.network.networks == { } && config.systemd.network.netdevs == { };
        message = "services.hostwright writes networkd's files: move systemd.network.networks and netdevs to services.hostwright.settings";
      }
      {
        assertion = !config.networking.useDHCP;
        message = "services.hostwright owns the network: set networking.useDHCP = false and `dhcp` on the links that want it";
      }
      {
        assertion = !config.networking.networkmanager.enable;
        message = "services.hostwright owns the network: NetworkManager would change it, too";
      }
    ];

    services.hostwright.settings.host = {
      name = lib.mkDefault config.networking.hostName;
      systemd = lib.mkDefault (lib.toInt (lib.versions.major config.systemd.package.version));
    };

    environment.systemPackages = [ cfg.package ];
    environment.etc."hostwright/host.toml".source = checked;

    systemd.network.enable = true;
    systemd.services.systemd-networkd = untouched // {
      restartTriggers = lib.mkForce [ ];
      reloadTriggers = lib.mkForce [ ];
    };

    systemd.generators.hostwright-generator = "${cfg.package}/bin/hostwright-generator";

    systemd.services.hostwright-network = untouched // {
      description = "hostwright writes networkd's files";
      wantedBy = [ "sysinit.target" ];
      wants = [ "network-pre.target" ];
      before = [
        "systemd-udevd.service"
        "network-pre.target"
        "systemd-networkd.service"
        "shutdown.target"
      ];
      conflicts = [ "shutdown.target" ];
      unitConfig.DefaultDependencies = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${cfg.package}/bin/hostwright-network";
      };
    };

    systemd.services.hostwright-recover = untouched // {
      description = "hostwright ends an apply that a reset tore";
      wantedBy = [ "multi-user.target" ];
      wants = [ "libvirtd.service" ];
      after = [
        "libvirtd.service"
        "systemd-networkd.service"
        "dbus.service"
        "local-fs.target"
      ];
      unitConfig.ConditionPathExists = "/var/lib/hostwright/journal";
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${cfg.package}/bin/hostwright unit recover";
        TimeoutStartSec = "10min";
      };
    };

    # Restarted by a switch when the spec has changed, and only then. What it says is what `hostwright apply` says.
    systemd.services.hostwright-switch = {
      description = "hostwright applies the spec of the system";
      wantedBy = [ "multi-user.target" ];
      after = [ "hostwright-recover.service" ];
      restartTriggers = [ checked ];
      stopIfChanged = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "${switch}";
        ExecStopPost = "${switched}";
      };
    };

    # At boot, before systemd runs, the spec of the system that is booted becomes the applied one: `nixos-rebuild boot` and
    # the boot menu mean what they say. One that an apply has taken back does not come that way.
    system.activationScripts.hostwright = lib.stringAfter [ "etc" ] ''
      if [ ! -e /run/systemd/system ] && [ "$(cat /etc/hostwright/refused 2> /dev/null)" != ${checked} ]; then
        if ! cmp --silent ${checked} /etc/hostwright/applied.toml; then
          if [ -e /etc/hostwright/applied.toml ]; then
            cp /etc/hostwright/applied.toml /etc/hostwright/applied.toml~
          fi
          install --mode=644 ${checked} /etc/hostwright/.applied.toml
          mv /etc/hostwright/.applied.toml /etc/hostwright/applied.toml
        fi
      fi
    '';
  };
}
