# A system's /etc/systemd/system: units of packages, and what the configuration says as units or drop-ins beside them
{
  config,
  lib,
  pkgs,
}:

let
  setting = name: value: "${name}=${toString value}";
  lines = set: lib.concatMapStrings (line: "${line}\n") (lib.mapAttrsToList setting set);
  triggers = name: list: if list == [ ] then { } else { ${name} = toString list; };
  unless = value: name: if value then { } else { ${name} = "false"; };

  text = it: ''
    [Unit]
    ${lines (
      it.unitConfig
      // triggers "X-Restart-Triggers" it.restartTriggers
      // triggers "X-Reload-Triggers" it.reloadTriggers
      // triggers "After" it.after
    )}
    [Service]
    ${lines (
      it.serviceConfig
      // unless it.restartIfChanged "X-RestartIfChanged"
      // unless it.stopIfChanged "X-StopIfChanged"
      // (if it.reloadIfChanged then { X-ReloadIfChanged = "true"; } else { })
    )}'';

  place = name: it: ''
    unit=${name}.service
    if [[ -e $out/$unit ]]; then mkdir "$out/$unit.d"; file=$out/$unit.d/overrides.conf; else file=$out/$unit; fi
    printf '%s' ${"'" + text it + "'"} > "$file"
    for target in ${toString it.wantedBy}; do
      mkdir -p "$out/$target.wants"
      ln -s "../$unit" "$out/$target.wants/$unit"
    done
  '';
in
pkgs.runCommand "system-units" { } ''
  mkdir -p "$out"
  for package in ${toString config.systemd.packages} ${config.systemd.package}; do
    ln -s "$package"/lib/systemd/system/* "$out"
  done
  for target in multi-user sysinit; do printf '[Unit]\n' > "$out/$target.target"; done
  ${lib.concatStringsSep "\n" (lib.mapAttrsToList place config.systemd.services)}
''
