//! The driver, the command line and the web page of the GitOps engine, as a library; the mains only call it.

pub mod affected;
pub mod batch;
pub mod cli;
pub mod daemon;
pub mod demo;
pub mod driver;
pub mod fetch;
pub mod helm;
pub mod parallel;
pub mod plan;
pub mod range;
pub mod source;
pub mod state;
pub mod text;
pub mod unified;
pub mod view;
pub mod web;
