# The small host as NixOS has it where a file of networkd's changed, and with containers as they are without the module:
# what the module must not leave
{ lib, ... }:

{
  imports = [ ./small.nix ];
  systemd.services.systemd-networkd.reloadTriggers = lib.mkOverride 40 [ "/etc/systemd/network/10-eno1.network" ];
  systemd.services."systemd-nspawn@".restartIfChanged = lib.mkOverride 40 true;
}
