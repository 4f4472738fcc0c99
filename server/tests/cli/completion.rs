//! Completion, in the shells themselves where they are there.

use std::process::{Command, Stdio};

use crate::support::lockbox;

fn script(shell: &str) -> String {
    let output = lockbox().args(["completion", shell]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let script = script(shell);
        for word in ["request", "raise", "grant", "environment", "completion", "key-file", "customer_notified"] {
            assert!(script.contains(word), "{word} is missing for {shell}");
        }
    }
    assert!(!lockbox().args(["completion", "tcsh"]).stderr(Stdio::null()).status().unwrap().success());
}

#[test]
fn bash_completes_commands_and_the_words_of_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lockbox.bash");
    std::fs::write(&file, script("bash")).unwrap();
    let complete = |words: &str| {
        let count = words.split(' ').count() - 1;
        let text = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD={count}; _lockbox lockbox \"${{COMP_WORDS[{count}]}}\" \
             \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            file.display(),
            count - 1
        );
        let output = Command::new("bash").args(["--norc", "-c", &text]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(complete("lockbox req"), "request");
    assert_eq!(complete("lockbox request ca"), "cancel");
    assert_eq!(complete("lockbox request list --status den"), "denied");
}
