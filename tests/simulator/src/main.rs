//! The simulator as a program: prints one line of JSON when it is ready, and runs until it is killed.

use std::process::ExitCode;

use simulator::{Options, Simulator};

const HELP: &str = "\
Simulates ESET MSP Administrator 2, ESET Connect, ESET PROTECT On-Prem and ConnectWise PSA on loopback.

Usage: simulator [--seed N] [--companies N] [--ports FIRST] [--state FILE]

  --seed N       which made-up world (default 1)
  --companies N  customers in ESET (default 300; 1 makes a plain world with one wrong count)
  --ports FIRST  control, EMA 2, ConnectWise, ESET Connect and ESET PROTECT On-Prem listen on FIRST to FIRST+4 (default:
                 free ports)
  --state FILE   keeps changes in this file, so that a restart goes on from there
  --help         shows this

When ready it prints one line of JSON with the addresses and credentials.";

#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("simulator: {problem}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> anyhow::Result<()> {
    let simulator = Simulator::start(options).await?;
    let mut ready = serde_json::to_value(simulator.addresses())?;
    ready["credentials"] = serde_json::to_value(simulator.credentials())?;
    println!("{ready}");
    std::future::pending::<()>().await;
    Ok(())
}

/// The options, or none when help was asked for.
fn options(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        if matches!(flag.as_str(), "--help" | "-h") {
            return Ok(None);
        }
        if !["--seed", "--companies", "--ports", "--state"].contains(&flag.as_str()) {
            return Err(format!("there is no flag {flag}"));
        }
        let value = attached.or_else(|| arguments.next()).ok_or_else(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--seed" => options.seed = number(&flag, &value)?,
            "--companies" => options.companies = number(&flag, &value)?,
            "--ports" => options.ports = Some(number(&flag, &value)?),
            _ => options.state = Some(value.into()),
        }
    }
    if options.companies == 0 {
        return Err("--companies must be at least 1".to_owned());
    }
    if options.ports.is_some_and(|first| first == 0 || first > u16::MAX - 4) {
        return Err(format!("--ports must be from 1 to {}", u16::MAX - 4));
    }
    Ok(Some(options))
}

fn number<T: std::str::FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{flag} needs a whole number in range, not {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::options;

    fn parse(line: &str) -> Result<Option<simulator::Options>, String> {
        options(line.split_whitespace().map(ToOwned::to_owned))
    }

    #[test]
    fn flags_are_read() {
        let options = parse("--seed 4 --companies=12 --ports 8790 --state world.jsonl").unwrap().unwrap();
        assert_eq!((options.seed, options.companies, options.ports), (4, 12, Some(8790)));
        assert!(parse("--help").unwrap().is_none());
    }

    #[test]
    fn a_bad_flag_is_named() {
        assert_eq!(parse("--sead 4").unwrap_err(), "there is no flag --sead");
        assert_eq!(parse("--seed").unwrap_err(), "--seed needs a value");
        assert_eq!(parse("--seed x").unwrap_err(), "--seed needs a whole number in range, not \"x\"");
        assert_eq!(parse("--companies 0").unwrap_err(), "--companies must be at least 1");
    }
}
