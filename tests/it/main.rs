//! All integration tests, in one binary.

mod activity;
mod analytics;
mod auth;
mod authorization;
mod cli;
mod contract;
mod control;
mod coverage;
mod department;
mod document;
mod event;
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
