//! Every form of one report.

use gitops_core::diagnostic::Location;

use super::*;

const RULES: &[Rule] = &[
    Rule {
        code: "XX001",
        name: "odd-thing",
        severity: Severity::Warning,
        summary: "something is odd",
        explanation: "It is not even.",
        hint: "make it even",
    },
    Rule {
        code: "XX002",
        name: "bad-thing",
        severity: Severity::Error,
        summary: "something is bad",
        explanation: "It is not good.",
        hint: "make it good",
    },
];

fn text(form: Form) -> String {
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let [odd, bad] = RULES else { panic!("two rules") };
    let findings = [
        odd.at(Location::new("a b/c,d.yaml", 2, 4), "100% odd: `x`\nand \u{1b}[31mred"),
        odd.at(Location::new("a b/c,d.yaml", 3, 4), "odd again"),
        bad.at(Location::file("e.yaml"), "bad as a whole"),
        Diagnostic {
            hint: None,
            severity: Severity::Note,
            ..bad.at(Location::new("s.yaml", 1, 0), "hidden")
        },
    ];
    let line = |finding: &Diagnostic| match finding.at.line {
        1 => SourceLine::Hidden,
        2 | 3 => SourceLine::Text("a: x, b".to_owned()),
        _ => SourceLine::Absent,
    };
    let report = Report { verb: "lint", rules: &rules, findings: &findings, line: &line };
    anstream::adapter::strip_str(&report.text(form)).to_string()
}

#[test]
fn every_form_says_the_same() {
    insta::assert_snapshot!("human", text(Form::Human));
    insta::assert_snapshot!("json", text(Form::Json));
    insta::assert_snapshot!("sarif", text(Form::Sarif).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    insta::assert_snapshot!("github", text(Form::Github));
}
