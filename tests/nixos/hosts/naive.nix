# The small host with networkd as NixOS has it where a file of networkd's changed: what the module must not leave
{ lib, ... }:

{
  imports = [ ./small.nix ];
  systemd.services.systemd-networkd = {
    restartIfChanged = lib.mkOverride 40 true;
    reloadTriggers = lib.mkOverride 40 [ "/etc/systemd/network/10-eno1.network" ];
  };
  systemd.services."systemd-nspawn@".restartIfChanged = lib.mkForce true;
}
