//! `-o`: the forms in which a verb prints its data.

use clap::ValueEnum;
use gitops_core::yaml;
use serde::Serialize;

use super::failure::Failure;
use super::output;
use super::table::Table;

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Format {
    /// A table for people
    #[default]
    Table,
    /// JSON
    Json,
    /// YAML
    Yaml,
    /// Names only, one a line
    Name,
}

/// The flag `-o`.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct FormatArgument {
    /// The form of the output
    #[arg(short = 'o', long = "output", value_name = "FORM", default_value = "table")]
    pub(super) format: Format,
}

/// Prints a list in the asked form; `name` gives what `-o name` prints of an item.
pub(super) fn print_list<T: Serialize>(
    format: Format,
    list: &crate::view::ListView<T>,
    name: impl Fn(&T) -> String,
    table: impl FnOnce(&[T]) -> Table,
) -> Result<(), Failure> {
    match format {
        Format::Table => output::print(&table(&list.items).render()),
        Format::Name => output::print(&list.items.iter().map(|item| name(item) + "\n").collect::<String>()),
        Format::Json | Format::Yaml => print_value(format, list),
    }
}

/// Prints one value as JSON, or as YAML for [`Format::Yaml`].
pub(super) fn print_value<T: Serialize>(format: Format, value: &T) -> Result<(), Failure> {
    let broken = |error: String| Failure::outside(format!("cannot print the answer: {error}"));
    let json = serde_json::to_value(value).map_err(|error| broken(error.to_string()))?;
    let text = match format {
        Format::Yaml => {
            yaml::print_document(&yaml::Node::from_json(&json)).map_err(|error| broken(error.to_string()))?
        }
        Format::Table | Format::Json | Format::Name => {
            serde_json::to_string_pretty(&json).map_err(|error| broken(error.to_string()))? + "\n"
        }
    };
    output::print(&text)
}
