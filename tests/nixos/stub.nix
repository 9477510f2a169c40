# As much of nixpkgs' module system as the module needs: options with defaults, mkIf, priorities, merging of attribute sets.
# The real library does far more; with `run --nixpkgs-lib PATH` the same checks run against it.
rec {
  lib = {
    mkOption = attributes: attributes // { _type = "option"; };
    mkEnableOption = name: lib.mkOption {
      default = false;
      description = "Whether to enable ${name}.";
    };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    mkOverride = priority: content: {
      _type = "override";
      inherit priority content;
    };
    mkDefault = lib.mkOverride 1000;
    mkForce = lib.mkOverride 50;
    literalExpression = text: {
      _type = "literalExpression";
      inherit text;
    };
    stringAfter = deps: text: { inherit deps text; };
    toInt = builtins.fromJSON;
    versions.major = version: builtins.head (builtins.filter builtins.isString (builtins.split "[.~]" version));
    types.package = "package";
  };

  # One value with the priority of mkDefault, of nothing, or of mkForce.
  plain = value: if value._type or "" == "override" then value.content else value;
  priority = value: if value._type or "" == "override" then value.priority else 100;
  isSet = value: builtins.isAttrs value && !(value ? _type) && !(value ? outPath);

  merge =
    values:
    let
      best = builtins.foldl' (a: b: if priority b < a then priority b else a) 9999 values;
      chosen = map plain (builtins.filter (it: priority it == best) values);
    in
    if builtins.all isSet chosen then
      mergeSets chosen
    else if builtins.all builtins.isList chosen then
      builtins.concatLists chosen
    else if builtins.length chosen == 1 then
      builtins.head chosen
    else
      throw "several values: ${builtins.toJSON chosen}";
  mergeSets = sets: builtins.mapAttrs (_: merge) (builtins.zipAttrsWith (_: values: values) sets);

  options = set: if set._type or "" == "option" then set.default or (throw "no default") else builtins.mapAttrs (_: options) set;

  evaluate =
    { module, declared, user, pkgs }:
    let
      made = module {
        inherit lib pkgs config;
      };
      asked = user.services.hostwright.enable or false;
      defaults = builtins.mapAttrs (_: options) made.options.services.hostwright;
      bare = [
        (default declared)
        { services.hostwright = default defaults; }
        user
      ];
      config = mergeSets (bare ++ (if asked then [ made.config.content ] else [ ]));
    in
    config;

  # Defaults give way to whatever is set.
  default = builtins.mapAttrs (_: value: if isSet value && value != { } then default value else lib.mkOverride 1500 value);
}
