# The part of nixpkgs' lib that the module uses: options, types and the merging of definitions, reduced
#
# What it keeps of the original: definitions are merged by type and priority, a condition is looked at no earlier than
# the value of an option below it, and a definition without an option is an error.
let
  inherit (builtins)
    all
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    fromJSON
    head
    isAttrs
    isFunction
    isString
    listToAttrs
    mapAttrs
    split
    ;

  optional = condition: value: if condition then [ value ] else [ ];
  optionalAttrs = condition: value: if condition then value else { };
  isType = type: value: isAttrs value && value._type or null == type;

  mkOption = option: option // { _type = "option"; };
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };

  # Definitions of many options: properties go down to the values, unlooked at.
  push =
    definition:
    if isType "merge" definition then
      concatMap push definition.contents
    else if isType "if" definition then
      map (mapAttrs (_: mkIf definition.condition)) (push definition.content)
    else if isType "override" definition then
      map (mapAttrs (_: mkOverride definition.priority)) (push definition.content)
    else
      [ definition ];

  # Definitions of one option: those whose conditions hold, with their priorities.
  discharge =
    priority: definition:
    if isType "merge" definition then
      concatMap (discharge priority) definition.contents
    else if isType "if" definition then
      if definition.condition then discharge priority definition.content else [ ]
    else if isType "override" definition then
      discharge definition.priority definition.content
    else
      [ { inherit priority definition; } ];

  strongest =
    definitions:
    let
      discharged = concatMap (discharge 100) definitions;
      least = foldl' (least: it: if it.priority < least then it.priority else least) 10000 discharged;
    in
    map (it: it.definition) (filter (it: it.priority == least) discharged);

  at = name: concatMap (it: optional (it ? ${name}) it.${name});
  below = where: name: if where == "" then name else "${where}.${name}";
  unique = list: foldl' (found: it: if elem it found then found else found ++ [ it ]) [ ] list;
  namesOf = sets: unique (concatMap attrNames sets);

  equal =
    where: values:
    if all (it: it == head values) values then
      head values
    else
      throw "The option `${where}' has conflicting definition values";

  type = name: check: merge: {
    inherit name;
    merge =
      where: definitions:
      let
        values = strongest definitions;
      in
      if !all check values then
        throw "A definition for option `${where}' is not of type `${name}'"
      else if values == [ ] then
        throw "The option `${where}' was accessed but has no value defined"
      else
        merge where values;
  };

  attrsOf = element: {
    name = "attribute set of ${element.name}";
    merge =
      where: definitions:
      let
        sets = concatMap push definitions;
        merged = listToAttrs (
          map (name: {
            inherit name;
            value = at name sets;
          }) (namesOf sets)
        );
        # An attribute is there when a definition of it holds.
        held = filter (name: strongest merged.${name} != [ ]) (attrNames merged);
      in
      if !all isAttrs sets then
        throw "A definition for option `${where}' is not of type `attribute set'"
      else
        listToAttrs (
          map (name: {
            inherit name;
            value = element.merge (below where name) merged.${name};
          }) held
        );
  };

  anything = {
    name = "anything";
    merge =
      where: definitions:
      let
        values = strongest definitions;
      in
      if all (it: isAttrs it && it.type or null != "derivation") values then
        (attrsOf anything).merge where definitions
      else
        equal where values;
  };

  submodule = module: {
    name = "submodule";
    merge = where: evaluate where (declared module);
  };
  declared = module: if isFunction module then (module { }).options else module.options;

  evaluate =
    where: options: definitions:
    let
      sets = concatMap push definitions;
      stray = filter (name: !(options ? ${name})) (namesOf sets);
      value =
        name: option:
        let
          here = below where name;
          given = at name sets;
          default = optional (option ? default) (mkOverride 1500 option.default);
        in
        if isType "option" option then option.type.merge here (given ++ default) else evaluate here option given;
    in
    if stray != [ ] then
      throw "The option `${below where (head stray)}' does not exist"
    else
      mapAttrs value options;

  # Options of several modules.
  union = foldl' (
    left: right:
    left
    // mapAttrs (
      name: it: if left ? ${name} && !isType "option" it then union [ left.${name} it ] else it
    ) right
  ) { };

  evalModules =
    { modules, specialArgs ? { } }:
    let
      load =
        module:
        let
          read = if isAttrs module || isFunction module then module else import module;
          given = if isFunction read then read (specialArgs // { inherit config lib; }) else read;
          whole = if given ? config || given ? options then given else { config = given; };
        in
        concatMap load (given.imports or [ ]) ++ [ whole ];
      loaded = concatMap load modules;
      options = union (map (it: it.options or { }) loaded);
      config = evaluate "" options (map (it: builtins.removeAttrs (it.config or { }) [ "imports" ]) loaded);
    in
    {
      inherit config options;
    };

  lib = {
    inherit
      attrNames
      concatMap
      concatStringsSep
      evalModules
      mkIf
      mkMerge
      mkOption
      mkOverride
      optional
      optionalAttrs
      ;
    mkDefault = mkOverride 1000;
    mkForce = mkOverride 50;
    mkEnableOption =
      name:
      mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to enable ${name}.";
      };
    literalExpression = text: { inherit text; };
    intersectLists = left: right: filter (it: elem it right) left;
    concatMapStrings = print: list: concatStringsSep "" (map print list);
    mapAttrsToList = change: set: map (name: change name set.${name}) (attrNames set);
    filterAttrs =
      keep: set:
      listToAttrs (
        map (name: {
          inherit name;
          value = set.${name};
        }) (filter (name: keep name set.${name}) (attrNames set))
      );
    toInt = fromJSON;
    versions.major = version: elemAt (split "\\." version) 0;
    licenses.gpl3Plus = "GPL-3.0-or-later";
    platforms.linux = [ builtins.currentSystem ];
    hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    types = {
      inherit anything attrsOf submodule;
      bool = type "boolean" builtins.isBool equal;
      int = type "signed integer" builtins.isInt equal;
      str = type "string" isString equal;
      lines = type "strings concatenated with \"\\n\"" isString (_: concatStringsSep "\n");
      path = type "absolute path" (it: isString it || builtins.isPath it || isAttrs it) equal;
      package = type "package" isAttrs equal;
      listOf = element: type "list of ${element.name}" builtins.isList (_: concatLists);
    };
  };
in
lib
