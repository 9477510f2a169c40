# hostwright with its units and its generator, where `systemd.packages` finds them
{
  lib,
  rustPlatform,
  pkg-config,
  libvirt,
  withLibvirt ? true,
}:

let
  manifest = builtins.fromTOML (builtins.readFile ../Cargo.toml);
in
rustPlatform.buildRustPackage {
  pname = manifest.package.name;
  inherit (manifest.package) version;

  # Named one by one: a build directory beside them is not copied.
  src = builtins.path {
    path = ../.;
    name = "hostwright-source";
    filter = path: _: builtins.any (it: lib.hasPrefix (toString it) path) [
      ../Cargo.toml
      ../Cargo.lock
      ../benches
      ../src
      ../tests
      ../units
    ];
  };
  cargoLock.lockFile = ../Cargo.lock;

  buildFeatures = lib.optional withLibvirt "libvirt";
  nativeBuildInputs = lib.optional withLibvirt pkg-config;
  buildInputs = lib.optional withLibvirt libvirt;

  # The tests start cargo themselves.
  doCheck = false;

  postInstall = ''
    mkdir -p "$out/lib/systemd/system" "$out/lib/systemd/system-generators"
    for unit in units/*.service; do
      sed "s|@binaries@|$out/bin|" "$unit" > "$out/lib/systemd/system/''${unit##*/}"
    done
    ln -s "$out/bin/hostwright-generator" "$out/lib/systemd/system-generators/hostwright-generator"
    mkdir -p "$out/share/hostwright"
    "$out/bin/hostwright" schema > "$out/share/hostwright/schema.json"
  '';

  meta = {
    inherit (manifest.package) description;
    license = lib.licenses.gpl3Plus;
    platforms = lib.platforms.linux;
    mainProgram = "hostwright";
  };
}
