//! What templates say, as Go's text/template has it.

use proptest::prelude::*;

use super::{Data, Template};

fn data() -> Data {
    let image =
        |name: &str, tag: &str| Data::record([("Name", Data::text(name)), ("NewTag", Data::text(tag))]);
    let labels = [("revision".to_owned(), Data::text("abc"))].into_iter().collect();
    Data::record([
        ("AppName", Data::text("myapp")),
        ("Empty", Data::List(vec![])),
        ("Count", Data::Integer(2)),
        ("Labels", Data::Map(labels)),
        ("Images", Data::List(vec![image("a", "1.0"), image("b", "2.0")])),
    ])
}

fn rendered(template: &str) -> Result<String, String> {
    Template::parse(template).and_then(|template| template.render(&data())).map_err(|error| error.to_string())
}

#[test]
fn templates_render_as_in_go() {
    for (template, expected) in [
        ("x {{ .AppName }}!", "x myapp!"),
        ("a {{- .AppName -}} b", "amyappb"),
        ("a{{/* note */}}b {{- /* note */ -}} c", "abc"),
        ("{{range .Images}}{{.Name}}:{{.NewTag}} {{end}}", "a:1.0 b:2.0 "),
        ("{{range $i, $image := .Images}}{{$i}}{{$image.Name}}{{$.AppName}};{{end}}", "0amyapp;1bmyapp;"),
        ("{{range .Empty}}x{{else}}none{{end}}", "none"),
        ("{{if .Empty}}a{{else if .Count}}b{{else}}c{{end}}", "b"),
        ("{{with .AppName}}{{.}}{{end}}{{with .Empty}}x{{end}}", "myapp"),
        ("{{index .Labels \"revision\"}}{{index .Labels \"none\"}}{{.Labels.none}}", "abc<no value>"),
        ("{{(index .Images 1).Name}}", "b"),
        ("{{len .Images}} {{.AppName | len}}", "2 5"),
        ("{{if and .Count (not .Empty)}}y{{end}}{{if or .Empty (eq .AppName \"myapp\")}}z{{end}}", "yz"),
        ("{{printf \"%s-%d %q%%\" .AppName .Count .AppName}}", "myapp-2 \"myapp\"%"),
        ("{{$x := .Count}}{{range .Images}}{{$x = 5}}{{end}}{{$x}}", "5"),
        ("{{slice .AppName 0 2}}{{`raw\"`}}{{\"\\t\"}}", "myraw\"\t"),
        ("{{.Labels}} {{print 1 2 \"x\" 3}}", "map[revision:abc] 1 2x3"),
    ] {
        assert_eq!(rendered(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn what_is_not_supported_or_wrong_says_so() {
    for (template, message) in [
        ("{{ .AppName", "template line 1: an action has no end"),
        ("\n{{ if .AppName }}", "template line 2: `if` has no `end`"),
        ("{{ end }}", "template line 1: `end` or `else` without a beginning"),
        ("{{ }}", "template line 1: an action or a part of it is empty"),
        ("{{ .Nope }}", "template: there is no field `Nope`"),
        ("{{ template \"x\" }}", "template: the function `template` is not supported"),
        ("{{ $x }}", "template: undefined variable `$x`"),
        ("{{ index .Images 7 }}", "template: the list has no item 7"),
        ("{{ range .AppName }}{{ end }}", "template: `range` takes a list or a map"),
        ("{{ .AppName 1 }}", "template: a value that is not a function takes no arguments"),
    ] {
        assert_eq!(rendered(template), Err(message.to_owned()), "{template}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{}{}", "{{if .Count}}".repeat(5000), "{{end}}".repeat(5000));
    assert!(rendered(&deep).is_err());
    assert!(rendered(&format!("{{{{ {}1 }}}}", "(".repeat(5000))).is_err());
}

proptest! {
    #[test]
    fn any_text_is_rendered_or_refused(text in "[a-z{}.$|()\":=/* \n-]{0,60}") {
        let _ = rendered(&text);
        let _ = rendered(&format!("{{{{{text}}}}}"));
    }
}
