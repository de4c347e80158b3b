//! All integration tests, in one binary.

mod auth;
mod authorization;
mod cli;
mod contract;
mod control;
mod coverage;
mod department;
mod document;
mod email;
mod file;
mod fixture;
mod group;
mod lead;
mod project;
mod readme;
mod realtime;
mod request;
mod support;
mod team;
mod tidy;
mod transport;
mod user;
mod webhook;
mod widget;
