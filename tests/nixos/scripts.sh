# Sourced by run: modules/activate.sh and modules/switch.sh below a directory, with hostwright's programs and with a
# stand-in that ends as it is told

host=$scratch/host
spec=$root/tests/hosts/small.toml
applied=$host/etc/hostwright/applied.toml
state=$host/var/lib/hostwright

printf '#!/bin/bash\nexit "$HOSTWRIGHT_EXIT"\n' > "$scratch/hostwright"
chmod +x "$scratch/hostwright"
sed 's/id = 42/id = 43/' "$spec" > "$scratch/other.toml"

fresh() {
    rm -rf "$host"
    mkdir -p "$host/run/nixos" "$host/etc/hostwright" "$state"
}
activate() { NIXOS_ACTION=${2-} bash "$root/modules/activate.sh" "$1" "$host"; }
boot() { (unset NIXOS_ACTION && bash "$root/modules/activate.sh" "$1" "$host"); }
switch() { bash "$root/modules/switch.sh" "$binaries/hostwright" "$1" "$host"; }
# ends EXIT SPEC: a switch whose apply ends so
ends() { HOSTWRIGHT_EXIT=$1 bash "$root/modules/switch.sh" "$scratch/hostwright" "$2" "$host" || (($? == $1)); }
same() { cmp "$1" "$2"; }
absent() { [[ ! -e $1 ]] || { echo "$1 is there"; false; }; }

listed() { is "$(cat "$host/run/nixos/$1")" hostwright-switch.service; }

first_boot() { fresh && boot "$spec" && same "$spec" "$applied" && test -e "$state/pending"; }
again() { first_boot && rm "$state/pending" && boot "$spec" && absent "$state/pending" && absent "$applied~"; }
other() { again && boot "$scratch/other.toml" && same "$scratch/other.toml" "$applied" && same "$spec" "$applied~"; }
torn() { again && touch "$state/journal" && boot "$scratch/other.toml" && same "$spec" "$applied"; }
dry() { fresh && activate "$spec" dry-activate && listed dry-activation-restart-list && absent "$state/pending"; }
asked() { fresh && activate "$spec" "$1" && listed activation-restart-list && test -e "$state/pending" && absent "$applied"; }
whole() { asked switch && switch "$spec" && same "$spec" "$applied" && absent "$state/pending" && [[ ! $(ls "$state/unproven") ]]; }
# The spec of an apply that ended so does not boot, or does.
kept_from_boot() { again && ends "$1" "$scratch/other.toml" && boot "$scratch/other.toml" && same "$spec" "$applied"; }
boots() { again && ends "$1" "$scratch/other.toml" && boot "$scratch/other.toml" && same "$scratch/other.toml" "$applied"; }
locked_after() { locked_out && boot "$scratch/other.toml" && same "$spec" "$applied"; }
# A spec that came by boot is the applied one when its apply ends so.
came_by_boot() {
    other && ends "$1" "$scratch/other.toml" && boot "$scratch/other.toml" && same "$spec" "$applied" \
        && absent "$state/pending" && boot "$scratch/other.toml" && same "$spec" "$applied"
}
without_another() { first_boot && ends 4 "$spec" && has "$(boot "$spec" 2>&1)" 'booting it all the same' && same "$spec" "$applied"; }
# A switch to what is applied and held before says nothing against it.
held_before() { whole && ends "$1" "$spec" && cp "$scratch/other.toml" "$applied~" && boot "$spec" && same "$spec" "$applied"; }
# An apply that a second switch, locked out, was not there to see the end of.
kept_meanwhile() { locked_out && sleep 0.1 && cp "$scratch/other.toml" "$applied" && boot "$scratch/other.toml" && same "$scratch/other.toml" "$applied"; }
locked_out() { again && ends 4 "$scratch/other.toml" && ends 7 "$scratch/other.toml"; }
reset_before_the_switch() { first_boot && boot "$spec" && test -e "$state/pending"; }
good_again() { kept_from_boot 4 && ends 0 "$scratch/other.toml" && boot "$scratch/other.toml" && same "$scratch/other.toml" "$applied"; }

claim 'scripts: the first boot has the spec of its system' first_boot
claim 'scripts: the next boot writes nothing' again
claim 'scripts: another system of the boot menu brings its own, the former is kept' other
claim 'scripts: where an apply was torn, what was applied before it boots' torn
claim 'scripts: dry-activate lists the switch and writes nothing' dry
claim 'scripts: a switch lists it, and boots nothing new before it was applied' asked switch
claim 'scripts: a test, too' asked test
claim 'scripts: the switch applies the spec' whole
for exit in 2 4 6; do claim "scripts: what ended with $exit does not boot" kept_from_boot "$exit"; done
for exit in 1 5 7; do claim "scripts: what ended with $exit boots" boots "$exit"; done
for exit in 2 4 6; do claim "scripts: what came by boot and ended with $exit does not boot again" came_by_boot "$exit"; done
claim 'scripts: what was taken back boots where nothing was applied before it, and says so' without_another
for exit in 2 4 6; do claim "scripts: what held before and ended with $exit boots" held_before "$exit"; done
claim 'scripts: what was taken back does not boot because a later try was locked out' locked_after
claim 'scripts: what was kept behind a try that was locked out boots' kept_meanwhile
claim 'scripts: a boot that was reset before its switch leaves that to the next' reset_before_the_switch
claim 'scripts: what holds at the second try boots' good_again
