# The packages that the module uses, built by programs of this machine
{
  lib,
  # Directory with hostwright's programs
  binaries,
}:

let
  system = builtins.currentSystem;
  bash = "/bin/bash";

  derive =
    name: environment: script:
    derivation (
      {
        inherit name system;
        builder = bash;
        args = [
          "-euo"
          "pipefail"
          "-c"
          # Nix kills a builder that closes its output before it ends, as cp does: it must not take the shell's place.
          "${script}\nexit 0"
        ];
        PATH = "/usr/bin:/bin";
      }
      // environment
    );

  key = name: if builtins.match "[A-Za-z0-9_-]+" name == null then builtins.toJSON name else name;
  inline =
    value:
    if builtins.isAttrs value then
      "{ ${lib.concatStringsSep ", " (lib.mapAttrsToList (name: it: "${key name} = ${inline it}") value)} }"
    else if builtins.isList value then
      "[${lib.concatStringsSep ", " (map inline value)}]"
    else
      builtins.toJSON value;
  isTable = _: builtins.isAttrs;
  table =
    path: value:
    let
      tables = lib.filterAttrs isTable value;
      values = lib.filterAttrs (name: it: !isTable name it) value;
      header = if path == [ ] || values == { } && tables != { } then "" else "[${lib.concatStringsSep "." path}]\n";
      lines = lib.concatMapStrings (line: "${line}\n") (
        lib.mapAttrsToList (name: it: "${key name} = ${inline it}") values
      );
      own = if header == "" && lines == "" then "" else "${header}${lines}\n";
    in
    own + lib.concatMapStrings (name: table (path ++ [ (key name) ]) tables.${name}) (lib.attrNames tables);

  pkgs = {
    runtimeShell = bash;
    runCommand = derive;
    formats.toml = _: {
      type = lib.types.attrsOf lib.types.anything;
      generate = name: value: builtins.toFile name (table [ ] value);
    };
    callPackage =
      path: arguments:
      let
        function = import path;
        given = {
          inherit lib;
          inherit (pkgs) rustPlatform;
          pkg-config = null;
          libvirt = null;
        };
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) given // arguments);
    # Takes the programs as cargo left them, and does with them what the package does.
    rustPlatform.buildRustPackage =
      package:
      derive "${package.pname}-${package.version}" { inherit (package) src; } ''
        mkdir -p "$out/bin"
        cp ${binaries}/hostwright ${binaries}/hostwright-generator ${binaries}/hostwright-network "$out/bin"
        strip "$out/bin"/*
        cd "$src"
        ${package.postInstall}
      '';
    systemd =
      version:
      derive "systemd-${version}" { } ''
        mkdir -p "$out/lib/systemd/system"
        for unit in systemd-networkd systemd-nspawn@ iscsi iscsid; do
          printf '[Service]\nExecStart=%s/%s\n' "$out" "$unit" > "$out/lib/systemd/system/$unit.service"
        done
      ''
      // {
        inherit version;
      };
  };
in
pkgs
