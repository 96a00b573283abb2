//! From a wish to a connection: policy, one resolution, exactly the judged address.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use url::Host;

use crate::address::is_global;
use crate::policy::Policy;
use crate::resolve::Resolve;
use crate::upstream;

/// Why the proxy refuses a destination. The class is all a client learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The address, or one address of the name, is not public.
    Address,
    /// The name is on a deny list, or is one of our own.
    Name,
    /// The port is not one that sites use.
    Port,
    /// Not an `http:` URL and not a tunnel.
    Scheme,
    /// The request could be understood in two ways.
    Malformed,
    /// Too many exchanges at once.
    Busy,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Address => "address",
            Refusal::Name => "name",
            Refusal::Port => "port",
            Refusal::Scheme => "scheme",
            Refusal::Malformed => "malformed",
            Refusal::Busy => "busy",
        })
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialError {
    /// Policy says no: 403.
    Refused(Refusal),
    /// The name has no address, or the resolver is silent: 502.
    Dead,
    /// Nobody answered at the allowed addresses: 504.
    Unreachable,
    /// The proxy behind us is dead, wants other credentials, or refuses: 502.
    Upstream,
}

/// Connects to `host:port` if the policy allows it.
pub(crate) async fn dial(
    host: &Host<String>,
    port: u16,
    policy: &Policy,
    resolver: &dyn Resolve,
) -> Result<TcpStream, DialError> {
    let addresses = judged_addresses(host, port, policy, resolver).await?;
    let limit = policy.limits.connect;
    match &policy.upstream {
        None => connect(&addresses, port, limit).await.ok_or(DialError::Unreachable),
        Some(upstream) => {
            // The other end may have no IPv6; the judged addresses are all equally good.
            let target = addresses.iter().find(|ip| ip.is_ipv4()).or(addresses.first());
            let target = target.ok_or(DialError::Dead)?;
            upstream::connect(upstream, SocketAddr::new(*target, port), limit, resolver).await
        }
    }
}

/// All addresses of the host, provided that every one of them may be dialled.
async fn judged_addresses(
    host: &Host<String>,
    port: u16,
    policy: &Policy,
    resolver: &dyn Resolve,
) -> Result<Vec<IpAddr>, DialError> {
    let opened = policy.allows(&host.to_string(), port);
    if !opened && !policy.ports.contains(&port) {
        return Err(DialError::Refused(Refusal::Port));
    }
    let addresses = match host {
        Host::Ipv4(v4) => vec![IpAddr::V4(*v4)],
        Host::Ipv6(v6) => vec![IpAddr::V6(*v6)],
        Host::Domain(name) if !opened && policy.denies_name(name) => {
            return Err(DialError::Refused(Refusal::Name));
        }
        Host::Domain(name) => resolve(name, policy.limits.resolve, resolver).await?,
    };
    let forbidden = |ip: &IpAddr| !is_global(*ip) || is_own(*ip, policy);
    if !opened && addresses.iter().any(forbidden) {
        return Err(DialError::Refused(Refusal::Address));
    }
    Ok(addresses)
}

fn is_own(address: IpAddr, policy: &Policy) -> bool {
    policy.own.iter().any(|own| own.to_canonical() == address.to_canonical())
}

async fn resolve(
    name: &str,
    limit: Duration,
    resolver: &dyn Resolve,
) -> Result<Vec<IpAddr>, DialError> {
    match timeout(limit, resolver.resolve(name)).await {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        _ => Err(DialError::Dead),
    }
}

/// Tries the addresses in turn under one deadline, leaving each the share that is fair.
pub(crate) async fn connect(addresses: &[IpAddr], port: u16, limit: Duration) -> Option<TcpStream> {
    let deadline = Instant::now() + limit;
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let remaining = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let until = Instant::now() + left / remaining;
        let attempt = TcpStream::connect(SocketAddr::new(*address, port));
        if let Ok(Ok(stream)) = timeout_at(until, attempt).await {
            let _ = stream.set_nodelay(true);
            return Some(stream);
        }
    }
    None
}
