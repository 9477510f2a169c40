//! tmp
mod failure;
mod machine;
fn main() {
    let path = std::env::args().nth(1).expect("path");
    let read = |p: &str| std::fs::read_to_string(p).map_err(|e| e.to_string());
    let main = hostwright::source::Source::new(&path, &read(&path).expect("file"));
    let dir = std::path::Path::new(&path)
        .parent()
        .expect("dir")
        .to_owned();
    let sources = hostwright::spec::Sources::load(main, |p| {
        let full = dir.join(p);
        let full = full.to_str().expect("utf8");
        read(full).map(|t| hostwright::source::Source::new(full, &t))
    });
    let target = hostwright::host::Target {
        systemd: 252,
        binaries: "/usr/bin".into(),
    };
    let (artifacts, diagnostics) = hostwright::compile(&sources, &target);
    for d in diagnostics.iter() {
        println!("{}", d.short(&sources.files));
        for h in &d.hints {
            println!("  hint: {h}");
        }
    }
    if let Some(a) = artifacts {
        for e in a.iter() {
            match &e.artifact {
                hostwright::artifact::Artifact::File(f) => println!(
                    "==> {}\n{}",
                    f.place,
                    match &f.content {
                        hostwright::artifact::Content::Text(t) => t.clone(),
                        hostwright::artifact::Content::Symlink(t) => format!("-> {t}\n"),
                    }
                ),
                other => println!("==> {:?} after {:?}", other, e.after),
            }
        }
    }
}
