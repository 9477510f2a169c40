//! Keeps libm out of the boot programs, which link libc alone.

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    // minijinja's `**` is the only one to call libm's `pow`, and a test holds that no template of ours has it.
    for program in ["hostwright-generator", "hostwright-network"] {
        println!("cargo:rustc-link-arg-bin={program}=-Wl,--defsym=pow=0");
    }
}
