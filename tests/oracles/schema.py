"""Checks all hosts against the schema with a validator that is not ours: SCHEMA HOST…, one line for each claim."""

import copy
import json
import pathlib
import sys
import tomllib

import jsonschema


def validator(file):
    schema = json.loads(pathlib.Path(file).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def said(ok, text, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {text}{': ' + seen if seen and not ok else ''}")
    return ok


def accepted(check, file):
    errors = [error.message for error in check.iter_errors(tomllib.loads(file.read_text()))]
    return said(not errors, f"the schema accepts {file.name}", "; ".join(errors[:3]))


def flagged(check, host, text, change):
    broken = copy.deepcopy(host)
    change(broken)
    return said(not check.is_valid(broken), f"the schema flags {text}")


def main(schema, files):
    check = validator(schema)
    fine = [accepted(check, file) for file in files]
    host = tomllib.loads('[host]\nname = "hv1"\n[vlan.v]\nid = 1\nparent = "eno1"\n[macvtap.t]\nparent = "v"\nmode = "bridge"\n')
    fine += [
        flagged(check, host, "a bad key", lambda it: it["vlan"]["v"].update(idd=1)),
        flagged(check, host, "a bad kind", lambda it: it.update(vlans={})),
        flagged(check, host, "a bad type", lambda it: it["vlan"]["v"].update(id="one")),
        flagged(check, host, "a bad word", lambda it: it["macvtap"]["t"].update(mode="brigde")),
        flagged(check, host, "a number out of its range", lambda it: it["vlan"]["v"].update(id=4095)),
        flagged(check, host, "a bad name", lambda it: it["vlan"].update(sixteencharacter=it["vlan"]["v"])),
        flagged(check, host, "a missing key", lambda it: it["vlan"]["v"].pop("id")),
    ]
    sys.exit(not all(fine))


main(sys.argv[1], [pathlib.Path(file) for file in sys.argv[2:]])
