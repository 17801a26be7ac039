//! The driver, the command line and the web page.
