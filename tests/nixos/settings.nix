# Settings that are right, and some with a mistake each
rec {
  good = {
    nic.eno1 = {
      match.mac = "3c:ec:ef:00:00:01";
      addresses = [ "192.0.2.2/24" ];
      routes = [
        {
          to = "default";
          via = "192.0.2.1";
        }
      ];
    };
    vlan.storage = {
      id = 42;
      parent = "eno1";
      addresses = [ "10.0.42.2/24" ];
    };
  };
  bad = good // {
    vlan.storage = {
      id = 4095;
      parnet = "eno1";
    };
  };
}
