# The small host with a misspelt key and a VLAN that cannot be
{
  imports = [ ./small.nix ];
  services.hostwright.settings = {
    vlan.backup = {
      id = 4095;
      parent = "eno1";
    };
    domain.web1.memry = "1GiB";
  };
}
