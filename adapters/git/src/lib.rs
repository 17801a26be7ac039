//! The Git adapter.
