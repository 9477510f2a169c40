# hostwright's programs, its units and its generator
{
  lib,
  rustPlatform,
  pkg-config,
  libvirt,
}:

rustPlatform.buildRustPackage {
  pname = "hostwright";
  version = (lib.importTOML ../Cargo.toml).package.version;
  src = lib.cleanSource ../.;
  cargoLock.lockFile = ../Cargo.lock;
  nativeBuildInputs = [ pkg-config ];
  buildInputs = [ libvirt ];
  buildFeatures = [ "libvirt" ];
  # Tests want namespaces and devices that a build does not have.
  doCheck = false;

  meta = {
    description = "One TOML file for a hypervisor host, applied without breaking a BGP session";
    mainProgram = "hostwright";
    platforms = lib.platforms.linux;
  };
}
