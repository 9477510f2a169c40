# An uplink, a storage VLAN, a guest: what tests/hosts/small.toml says
{
  networking.hostName = "hv1";
  services.openiscsi.enable = true;
  services.hostwright = {
    enable = true;
    settings = {
      host.site = "fra1";
      nic.eno1 = {
        match.mac = "3c:ec:ef:00:00:01";
        mtu = 9000;
        addresses = [ "192.0.2.2/24" ];
      };
      vlan.storage = {
        id = 42;
        parent = "eno1";
        addresses = [ "10.0.42.2/24" ];
      };
      mount.scratch = {
        where = "/srv/scratch";
        source.volume = "vg_local/scratch";
        type = "ext4";
        on-demand = true;
      };
      network.guests.macvtap.parent = "eno1";
      domain.web1 = {
        memory = "8GiB";
        vcpus = 4;
        disk.root.source.volume = "vg_local/web1";
        interface.lan.network = "guests";
      };
    };
  };
}
