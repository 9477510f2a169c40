//! Times the boot programs and `hostwright check`, next to netplan's generator and to a program that writes the same
//! bytes and does nothing else: what is above 1 in its column is what compiling costs.
#![allow(clippy::disallowed_methods, reason = "this bench runs programs and writes files")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

const NETWORK: &str = env!("CARGO_BIN_EXE_hostwright-network");
const GENERATOR: &str = env!("CARGO_BIN_EXE_hostwright-generator");
const HOSTWRIGHT: &str = env!("CARGO_BIN_EXE_hostwright");
/// Where Debian's package has it, new and old.
const NETPLAN: [&str; 2] = ["/usr/libexec/netplan/generate", "/lib/netplan/generate"];
const TIME: &str = "/usr/bin/time";
/// Where nothing waits for a disk.
const MEMORY: &str = "/dev/shm";
/// First argument with which this program is the bare writer.
const BARE_WRITER: &str = "bare-writer";
/// VLANs on one nic; none: there is no spec at all.
const SIZES: [u32; 4] = [0, 10, 100, 1000];
/// The same for each size, so that a median is one of the times.
const ROUNDS: usize = 31;

/// A program with what it is run on.
struct Subject {
    name: &'static str,
    program: &'static str,
    arguments: Vec<PathBuf>,
    root: PathBuf,
    /// What it writes to, emptied before each run.
    output: PathBuf,
    /// What it wrote, for the bare writer; absent: it writes nothing.
    packed: Option<PathBuf>,
}

/// What came out for a program and a size.
struct Row {
    name: &'static str,
    size: u32,
    /// Milliseconds of each round.
    own: Vec<f64>,
    /// Milliseconds of the bare writer in the same rounds; empty: it has nothing to write.
    bare: Vec<f64>,
    /// KiB.
    peak: Option<f64>,
}

fn main() {
    let owned: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = owned.iter().map(String::as_str).collect();
    if let [BARE_WRITER, packed, output] = arguments.as_slice() {
        unpack(Path::new(packed), Path::new(output));
        return;
    }
    let rows: Vec<Row> = SIZES.into_iter().flat_map(measure).collect();
    print(&rows);
}

/// Runs all programs for a size, round by round.
fn measure(size: u32) -> Vec<Row> {
    let directory = tempfile::Builder::new().prefix("hostwright-bench-").tempdir_in(MEMORY);
    let directory = directory.expect("memory that files can be written to");
    let subjects = subjects(&directory, size);
    let row = |it: &Subject| Row { name: it.name, size, own: vec![], bare: vec![], peak: peak(it) };
    let mut rows: Vec<Row> = subjects.iter().map(row).collect();
    for _ in 0..ROUNDS {
        for (subject, row) in subjects.iter().zip(&mut rows) {
            row.own.push(time(subject, command(subject)));
            if let Some(packed) = &subject.packed {
                row.bare.push(time(subject, bare_writer(packed, &subject.output)));
            }
        }
    }
    rows
}

fn subjects(directory: &TempDir, size: u32) -> Vec<Subject> {
    let below = |name: &str| directory.path().join(name);
    let (vlans, both) = (vlans(size), vlans(size) + &mounts(size));
    let generator = |name, root: PathBuf, spec: &str| {
        let output = root.join("out");
        subject(name, GENERATOR, vec![output.clone()], with_spec(root, size, spec), output)
    };
    let network = with_spec(below("network"), size, &vlans);
    let check = below("check");
    let spec = check.join("host.toml");
    write(&spec, &vlans, 0o644);
    let mut found = vec![
        subject("hostwright-network", NETWORK, vec![], network.clone(), network.join("run")),
        generator("hostwright-generator", below("generator"), &vlans),
        generator("hostwright-generator, N mounts too", below("mounts"), &both),
        subject("hostwright check", HOSTWRIGHT, vec!["check".into(), spec], check.clone(), check.join("run")),
    ];
    if let Some(program) = NETPLAN.into_iter().find(|it| Path::new(it).exists()) {
        let root = below("netplan");
        if size > 0 {
            write(&root.join("etc/netplan/x.yaml"), &netplan(size), 0o600);
        }
        let arguments = vec!["--root-dir".into(), root.clone()];
        found.push(subject("netplan generate", program, arguments, root.clone(), root.join("run")));
    }
    found
}

/// Makes a subject, and runs it once to have what it writes.
fn subject(
    name: &'static str,
    program: &'static str,
    arguments: Vec<PathBuf>,
    root: PathBuf,
    output: PathBuf,
) -> Subject {
    let mut subject = Subject { name, program, arguments, root, output, packed: None };
    time(&subject, command(&subject));
    let text = pack(&subject.output);
    if !text.is_empty() {
        let packed = subject.root.join("packed");
        write(&packed, &text, 0o644);
        time(&subject, bare_writer(&packed, &subject.output));
        assert!(pack(&subject.output) == text, "the bare writer writes what {name} writes");
        subject.packed = Some(packed);
    }
    subject
}

fn with_spec(root: PathBuf, size: u32, spec: &str) -> PathBuf {
    if size > 0 {
        write(&root.join("etc/hostwright/applied.toml"), spec, 0o644);
    }
    root
}

fn vlans(size: u32) -> String {
    let nic = "[host]\nname = \"bench\"\nsystemd = 252\n[nic.eno1]\naddresses = [\"192.0.2.2/24\"]\n";
    let vlan =
        |id| format!("[vlan.v{id}]\nid = {id}\nparent = \"eno1\"\naddresses = [\"{}\"]\n", address(id));
    nic.to_owned() + &(1..=size).map(vlan).collect::<String>()
}

fn mounts(size: u32) -> String {
    let mount = |it| {
        format!(
            "[mount.m{it}]\nwhere = \"/srv/m{it}\"\nsource = {{ volume = \"vg/m{it}\" }}\ntype = \"ext4\"\n"
        )
    };
    (1..=size).map(mount).collect()
}

fn netplan(size: u32) -> String {
    let nic = "network:\n  version: 2\n  ethernets:\n    eno1:\n      addresses: [192.0.2.2/24]\n  vlans:\n";
    let vlan =
        |id| format!("    v{id}:\n      id: {id}\n      link: eno1\n      addresses: [{}]\n", address(id));
    nic.to_owned() + &(1..=size).map(vlan).collect::<String>()
}

fn address(id: u32) -> String {
    format!("10.{}.{}.2/24", id / 256, id % 256)
}

fn command(subject: &Subject) -> Command {
    let mut command = Command::new(subject.program);
    command.args(&subject.arguments).env("HOSTWRIGHT_ROOT", &subject.root);
    command
}

fn bare_writer(packed: &Path, output: &Path) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg(BARE_WRITER).args([packed, output]);
    command
}

/// Runs a command on an emptied directory, returns milliseconds.
fn time(subject: &Subject, mut command: Command) -> f64 {
    if subject.output.exists() {
        fs::remove_dir_all(&subject.output).expect("a directory of ours");
    }
    fs::create_dir_all(&subject.output).expect("a directory of ours");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("a program that starts");
    let elapsed = start.elapsed();
    assert!(status.success(), "{} ends with {status}", subject.name);
    elapsed.as_secs_f64() * 1e3
}

/// Asks time(1) for the peak of resident memory, in KiB.
fn peak(subject: &Subject) -> Option<f64> {
    if !Path::new(TIME).exists() {
        return None;
    }
    let report = subject.root.join("peak");
    fs::create_dir_all(&subject.root).expect("a directory of ours");
    let mut command = Command::new(TIME);
    command.args(["-f", "%M", "-o"]).args([&report, Path::new(subject.program)]);
    command.args(&subject.arguments).env("HOSTWRIGHT_ROOT", &subject.root);
    time(subject, command);
    fs::read_to_string(report).ok()?.trim().parse().ok()
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().expect("below a directory of ours")).expect("a directory of ours");
    fs::write(path, text).expect("a file of ours");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a file of ours");
}

/// Writes all below a directory as one text: a line for each with its path, behind that of a file its bytes.
fn pack(directory: &Path) -> String {
    let mut text = String::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        let entries = fs::read_dir(next).expect("a directory").flatten();
        let mut paths: Vec<PathBuf> = entries.map(|it| it.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.strip_prefix(directory).expect("below").display().to_string();
            if let Ok(target) = fs::read_link(&path) {
                text += &format!("link\t{}\t{name}\n", target.display());
            } else if path.is_dir() {
                text += &format!("directory\t\t{name}\n");
                open.push(path);
            } else {
                let content = fs::read_to_string(&path).expect("a text");
                text += &format!("file\t{}\t{name}\n{content}", content.len());
            }
        }
    }
    text
}

/// Is the bare writer: the least that can write the same.
fn unpack(packed: &Path, output: &Path) {
    let text = fs::read_to_string(packed).expect("a packed file");
    let mut rest = text.as_str();
    while let Some((line, behind)) = rest.split_once('\n') {
        let mut words = line.splitn(3, '\t').map(str::to_owned);
        let mut word = || words.next().expect("three words");
        let (form, detail, path) = (word(), word(), output.join(word()));
        rest = behind;
        match form.as_str() {
            "directory" => fs::create_dir(path).expect("no such directory yet"),
            "link" => symlink(detail, path).expect("no such link yet"),
            _ => {
                let (content, behind) = rest.split_at(detail.parse().expect("a length"));
                let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(path);
                file.expect("no such file yet").write_all(content.as_bytes()).expect("memory");
                rest = behind;
            }
        }
    }
}

fn median(times: &[f64]) -> Option<f64> {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// Returns the median of the rounds' ratios: what slows the machine slows both.
fn ratio(times: &[f64], others: &[f64]) -> Option<f64> {
    let ratios: Vec<f64> = times.iter().zip(others).map(|(it, other)| it / other).collect();
    median(&ratios)
}

fn print(rows: &[Row]) {
    println!(
        "| {:<34} | {:>5} | {:>9} | {:>7} | {:>9} | {:>11} | {:>8} |",
        "program", "VLANs", "median ms", "to bare", "to netplan", "µs per VLAN", "peak KiB"
    );
    println!("|:---|---:|---:|---:|---:|---:|---:|");
    for row in rows {
        let of_netplan = rows.iter().find(|it| it.name == "netplan generate" && it.size == row.size);
        let to_netplan = of_netplan.filter(|it| it.name != row.name).and_then(|it| ratio(&row.own, &it.own));
        let nothing = rows.iter().find(|it| it.name == row.name && it.size == 0);
        let each = nothing.filter(|_| row.size > 0).and_then(|nothing| {
            Some((median(&row.own)? - median(&nothing.own)?) * 1e3 / f64::from(row.size))
        });
        println!(
            "| {:<34} | {:>5} | {} | {} | {} | {} | {} |",
            row.name,
            row.size,
            cell(median(&row.own), 9, 2),
            cell(ratio(&row.own, &row.bare), 7, 2),
            cell(to_netplan, 10, 3),
            cell(each, 11, 1),
            cell(row.peak, 8, 0)
        );
    }
    println!();
    println!(
        "0 VLANs: no spec, for check one of a nic alone; VLANs make no units but one drop-in, N mounts make 2 N"
    );
    println!(
        "ratios are medians of {ROUNDS} rounds; bare is a program that writes the same bytes and nothing else"
    );
}

fn cell(value: Option<f64>, width: usize, digits: usize) -> String {
    value.map_or_else(|| format!("{:>width$}", "–"), |it| format!("{it:>width$.digits$}"))
}
