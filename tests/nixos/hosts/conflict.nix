# The small host, whose uplink somebody else writes, too
{
  imports = [ ./small.nix ];
  networking.interfaces.eno1.useDHCP = true;
  systemd.network.networks."10-eno1".name = "eno1";
}
