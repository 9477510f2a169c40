//! Small definitions for the tests: what the spec renders, and what libvirt makes of it.

/// A disk as rendered; `target` is its attribute with a space before it, or nothing.
pub(super) fn disk(name: &str, target: &str) -> String {
    format!(
        "<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/>\
         <source dev='/dev/vg/{name}'/><target{target} bus='virtio'/><alias name='ua-disk-{name}'/></disk>"
    )
}

/// A domain as rendered, with devices beside the usual ones.
pub(super) fn wanted(machine: &str, devices: &str) -> String {
    format!(
        "<domain type='kvm'><name>web1</name><uuid>5f3c2b1e-7a4d-5c6b-9e8f-0a1b2c3d4e5f</uuid>\
         <metadata><hostwright:domain xmlns:hostwright='https://hostwright.example/xmlns/libvirt/1' \
         spec='domain.web1'/></metadata><memory unit='GiB'>4</memory><vcpu>2</vcpu>\
         <os firmware='efi'><type machine='{machine}'>hvm</type><firmware>\
         <feature enabled='no' name='secure-boot'/></firmware></os><features><acpi/></features>\
         <clock offset='utc'><timer name='rtc' tickpolicy='catchup'/><timer name='hpet' present='no'/></clock>\
         <devices>{devices}<controller type='usb' model='none'/>\
         <controller type='pci' index='0' model='pcie-root'/>\
         <controller type='pci' index='1' model='pcie-root-port'/>\
         <interface type='network' trustGuestRxFilters='yes'><mac address='52:54:00:AB:00:01'/>\
         <source network='lan'/><model type='virtio'/><alias name='ua-interface-lan'/></interface>\
         <serial type='pty'><log file='/var/log/web1' append='on'/><target type='isa-serial' port='0'/></serial>\
         <memballoon model='virtio' autodeflate='on'/><rng model='virtio'>\
         <backend model='random'>/dev/urandom</backend></rng></devices></domain>"
    )
}

/// What libvirt 11.3 reads back of `wanted("q35", disk root)`, in its own order and writing.
pub(super) const PRESENT: &str = r#"<domain type='kvm'>
  <name>web1</name>
  <uuid>5f3c2b1e-7a4d-5c6b-9e8f-0a1b2c3d4e5f</uuid>
  <metadata>
    <other:note xmlns:other="urn:other" text="x"/>
    <hostwright:domain xmlns:hostwright="https://hostwright.example/xmlns/libvirt/1" spec="domain.web1"/>
  </metadata>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>4194304</currentMemory>
  <vcpu placement='static'>2</vcpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <firmware>
      <feature enabled='no' name='enrolled-keys'/>
      <feature enabled='no' name='secure-boot'/>
    </firmware>
    <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <clock offset='utc'>
    <timer name='hpet' present='no'/>
    <timer name='rtc' tickpolicy='catchup'/>
  </clock>
  <on_reboot>restart</on_reboot>
  <devices>
    <disk type='block' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source dev='/dev/vg/root'/>
      <target dev='vda' bus='virtio'/>
      <alias name='ua-disk-root'/>
      <address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>
    </disk>
    <controller type='usb' index='0' model='none'/>
    <controller type='pci' index='0' model='pcie-root'/>
    <controller type='pci' index='1' model='pcie-root-port'>
      <target chassis='1' port='0x8'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x0' multifunction='on'/>
    </controller>
    <controller type='pci' index='2' model='pcie-root-port'>
      <target chassis='2' port='0x9'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x01' function='0x1'/>
    </controller>
    <interface type='network' trustGuestRxFilters='yes'>
      <mac address='52:54:00:ab:00:01'/>
      <source network='lan'/>
      <model type='virtio'/>
      <alias name='ua-interface-lan'/>
      <address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>
    </interface>
    <serial type='pty'>
      <log file='/var/log/web1' append='on'/>
      <target type='isa-serial' port='0'/>
    </serial>
    <watchdog model='itco' action='reset'/>
    <memballoon model='virtio' autodeflate='on'>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </memballoon>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>
    </rng>
  </devices>
</domain>
"#;
