//! Certificates for tests, made with openssl: an authority of the test's own, and what it signs.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A certificate and its key, in PEM form.
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

const KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

fn openssl(folder: &Path, arguments: &[&str]) {
    let made = Command::new("openssl").args(arguments).current_dir(folder).output();
    let made = made.expect("the tests make certificates with openssl: install it");
    assert!(made.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&made.stderr));
}

/// An authority in a folder; returns its certificate.
pub fn authority(folder: &Path) -> PathBuf {
    let about = ["-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(folder, &[&["req"], &KEY[..], &about].concat());
    folder.join("ca.pem")
}

/// A certificate for a host, signed by the folder's authority.
pub fn certificate(folder: &Path, host: &str) -> Pair {
    let [key, request, signed] = ["key", "csr", "pem"].map(|kind| format!("{host}.{kind}"));
    let subject = format!("/CN={host}");
    openssl(folder, &[&["req"], &KEY[..], &["-subj", &subject, "-keyout", &key, "-out", &request]].concat());
    std::fs::write(folder.join("names"), format!("subjectAltName=DNS:{host}\n")).unwrap();
    let sign = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl(folder, &[&sign[..], &["-days", "2", "-extfile", "names", "-out", &signed]].concat());
    Pair { certificate: folder.join(signed), key: folder.join(key) }
}
