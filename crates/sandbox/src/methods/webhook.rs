//! setWebhook, deleteWebhook, getWebhookInfo.

use serde_json::{Value, json};
use url::{Host, Url};

use super::Call;
use crate::answer::{Done, Outcome, Refusal};
use crate::limits::Mode;
use crate::world::updates::Webhook;
use crate::world::{Bot, Secret, World};

fn bot<'a>(world: &'a mut World, call: &Call) -> Result<&'a mut Bot, Refusal> {
    world.bots.get_mut(&call.bot).ok_or_else(|| Refusal::new(401, "Unauthorized"))
}

/// setWebhook.
pub fn set(world: &mut World, call: &Call) -> Outcome {
    let generation = world.next_serial();
    let limited = world.rates.mode != Mode::Off;
    let bot = bot(world, call)?;
    let address = call.params.text("url").unwrap_or_default();
    if address.is_empty() {
        return delete(world, call);
    }
    if limited && bot.webhook_set_at.is_some_and(|at| call.now - at < 1_000) {
        return Err(Refusal::too_many(1));
    }
    bot.webhook_set_at = Some(call.now);
    check_address(&address, call.local_webhooks)?;
    let secret = call.params.text("secret_token").filter(|secret| !secret.is_empty());
    check_secret(secret.as_deref())?;
    let secret = secret.map(Secret);
    let allowed = allowed_updates(call)?;
    let max_connections = match call.params.int("max_connections") {
        Some(count) if (1..=100).contains(&count) => count,
        Some(count) if count > 100 => 100,
        _ => 40,
    };
    let custom = call.params.file("certificate").is_some();
    let old = bot.webhook.take();
    let same = old.as_ref().is_some_and(|old| {
        old.url == address
            && old.secret == secret
            && old.max_connections == max_connections
            && !custom
            && !old.custom_certificate
    });
    if let Some(allowed) = allowed {
        bot.queue.allowed = Some(allowed);
    }
    if call.params.flag("drop_pending_updates") {
        bot.queue.pending.clear();
    }
    bot.webhook = Some(match old {
        Some(old) if same => old,
        _ => Webhook {
            url: address,
            secret,
            max_connections,
            custom_certificate: custom,
            ip_address: call.params.text("ip_address"),
            generation,
            ..Webhook::default()
        },
    });
    bot.poll += 1;
    world.touch();
    Ok(Done::yes().remark(if same { "Webhook is already set" } else { "Webhook was set" }))
}

/// `allowed_updates` of a call; absent means that the former setting stays.
pub fn allowed_updates(call: &Call) -> Result<Option<Vec<String>>, Refusal> {
    match call.params.json("allowed_updates") {
        None => Ok(None),
        Some(Ok(Value::Array(list))) => {
            Ok(Some(list.iter().filter_map(|kind| Some(kind.as_str()?.to_owned())).collect()))
        }
        Some(_) => Err(Refusal::bad("can't parse allowed updates JSON object")),
    }
}

fn check_secret(secret: Option<&str>) -> Result<(), Refusal> {
    let Some(secret) = secret else { return Ok(()) };
    if secret.len() > 256 {
        return Err(Refusal::bad("secret token is too long"));
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !secret.bytes().all(legal) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    Ok(())
}

/// The rules for addresses; a local address passes when local webhooks are on.
fn check_address(address: &str, local: bool) -> Result<(), Refusal> {
    let refused = |why: String| Refusal::bad(format!("bad webhook: {why}"));
    if address.len() > 2_048 {
        return Err(refused("URL is too long".to_owned()));
    }
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| Refusal::bad("invalid webhook URL specified"))?;
    if local && is_local(&url) {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(refused("An HTTPS URL must be provided for webhook".to_owned()));
    }
    if !matches!(url.port_or_known_default(), Some(80 | 88 | 443 | 8443)) {
        let ports = "Webhook can be set up only on ports 80, 88, 443 or 8443";
        return Err(refused(ports.to_owned()));
    }
    match url.host() {
        Some(Host::Ipv6(_)) => Err(refused("IPv6-only addresses are not allowed".to_owned())),
        Some(Host::Ipv4(ip)) if ip.is_loopback() || ip.is_private() || ip.is_link_local() => {
            Err(refused(format!("IP address {ip} is reserved")))
        }
        _ => Ok(()),
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_private(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || !name.contains('.'),
        None => false,
    }
}

/// deleteWebhook.
pub fn delete(world: &mut World, call: &Call) -> Outcome {
    let bot = bot(world, call)?;
    if call.params.flag("drop_pending_updates") {
        bot.queue.pending.clear();
    }
    let was_set = bot.webhook.take().is_some();
    world.touch();
    Ok(Done::yes().remark(if was_set {
        "Webhook was deleted"
    } else {
        "Webhook is already deleted"
    }))
}

/// getWebhookInfo.
pub fn info(world: &mut World, call: &Call) -> Outcome {
    let bot = bot(world, call)?;
    bot.queue.expire(call.now);
    let mut info = json!({"url": "", "has_custom_certificate": false,
                          "pending_update_count": bot.queue.pending.len()});
    if let Some(webhook) = &bot.webhook {
        info["url"] = webhook.url.as_str().into();
        info["has_custom_certificate"] = webhook.custom_certificate.into();
        info["max_connections"] = webhook.max_connections.into();
        if let Some(address) = &webhook.ip_address {
            info["ip_address"] = address.as_str().into();
        }
        if let Some((date, message)) = &webhook.last_error {
            info["last_error_date"] = (*date).into();
            info["last_error_message"] = message.as_str().into();
        }
    }
    if let Some(allowed) = bot.queue.allowed.as_ref().filter(|list| !list.is_empty()) {
        info["allowed_updates"] = json!(allowed);
    }
    Ok(Done::value(info))
}
