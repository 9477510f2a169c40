# The small host with another VLAN
{
  imports = [ ./small.nix ];
  services.hostwright.settings.vlan.backup = {
    id = 43;
    parent = "eno1";
  };
}
