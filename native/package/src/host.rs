//! The target this program runs on.

use vitte_package_core::target::Target;

/// The triple of this machine, as far as it was known when the program was compiled.
pub fn target() -> Target {
    let arch = if cfg!(target_arch = "x86") { "i686" } else { std::env::consts::ARCH };
    let musl = cfg!(target_env = "musl");
    let rest = match std::env::consts::OS {
        "linux" if cfg!(target_abi = "eabihf") => {
            if musl {
                "unknown-linux-musleabihf"
            } else {
                "unknown-linux-gnueabihf"
            }
        }
        "linux" => {
            if musl {
                "unknown-linux-musl"
            } else {
                "unknown-linux-gnu"
            }
        }
        "macos" => "apple-darwin",
        "windows" => {
            if cfg!(target_env = "gnu") {
                "pc-windows-gnu"
            } else {
                "pc-windows-msvc"
            }
        }
        other => other,
    };
    let triple = match rest.contains('-') {
        true => format!("{arch}-{rest}"),
        false => format!("{arch}-unknown-{rest}"),
    };
    // Made of letters, digits, `_` and `-` only.
    Target::parse(&triple).unwrap_or_else(|_| Target::any())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_host_is_a_triple() {
        let host = super::target();
        assert!(!host.is_any() && host.as_str().matches('-').count() >= 2, "{host}");
        #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
        assert_eq!(host.as_str(), "x86_64-unknown-linux-gnu");
    }
}
