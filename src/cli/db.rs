//! `magpie db`: works on the record.

use clap::{Args, Subcommand};

use crate::config::Config;
use crate::roles::build::open;
use crate::store::Db;

/// `magpie db …`
#[derive(Debug, Args)]
pub struct DbArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DbCommand,
}

/// Commands on the record.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DbCommand {
    /// Brings the schema up to date; harmless when it is.
    Migrate,
    /// Opens the database and makes one durable write.
    Check,
}

/// Runs `magpie db …`.
pub async fn run(args: &DbArgs, config: &Config) -> anyhow::Result<()> {
    let db = open(config).await?;
    match args.command {
        DbCommand::Migrate => println!("The schema is up to date."),
        DbCommand::Check => {
            db.ping().await?;
            println!("The database answers and can be written; identity {}.", db.identity().await?);
        }
    }
    db.close().await;
    Ok(())
}
