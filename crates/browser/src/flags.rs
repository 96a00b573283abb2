//! The switches Chromium is started with, and the proof that it got them.

use std::path::Path;

use crate::options::Options;

/// Switches that keep Chromium inside the proxy. Their presence is checked after every start.
///
/// * Without `<-loopback>` requests to localhost and link-local addresses go around the proxy.
/// * WebRTC would send UDP past it.
/// * Host rules keep the resolver silent: names are the proxy's business.
const NETWORK: [&str; 5] = [
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-component-update",
];

/// Switches that must never appear: each one opens a wall.
const FORBIDDEN: [&str; 5] = [
    "--ignore-certificate-errors",
    "--disable-web-security",
    "--remote-debugging-port",
    "--remote-debugging-address",
    "--disable-site-isolation-trials",
];

/// Switches for quiet, small, unattended operation.
const QUIET: [&str; 30] = [
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--hide-scrollbars",
    "--mute-audio",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--disable-speech-api",
    "--disable-notifications",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    "--force-color-profile=srgb",
    "--js-flags=--max-old-space-size=512",
    "--window-size=1366,900",
];

/// Features that talk to vendors, keep pages alive behind our back or change addresses.
const FEATURES_OFF: &str = "--disable-features=Translate,TranslateUI,OptimizationHints,\
MediaRouter,DialMediaRouteProvider,InterestFeedContentSuggestions,AutofillServerCommunication,\
CertificateTransparencyComponentUpdater,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,\
BackForwardCache,AcceptCHFrame,PaintHolding,Prerender2,SpareRendererForSitePerProcess,\
AsyncDns,DnsOverHttps";

/// All switches but the proxy's address, which the guard adds when it knows it.
pub(crate) fn flags(
    options: &Options,
    profile: &Path,
    program: &Path,
    sandbox: bool,
) -> Vec<String> {
    let mut flags: Vec<String> = NETWORK.iter().chain(&QUIET).map(|f| (*f).to_owned()).collect();
    flags.push(FEATURES_OFF.to_owned());
    flags.push("--remote-debugging-pipe".to_owned());
    flags.push(format!("--user-data-dir={}", profile.display()));
    flags.push(format!("--lang={}", options.languages.split([',', ';']).next().unwrap_or("en")));
    flags.push(format!("--accept-lang={}", options.languages));
    if let Some(agent) = &options.user_agent {
        flags.push(format!("--user-agent={agent}"));
    }
    if let Some(port) = options.devtools_port {
        flags.push(format!("--remote-debugging-port={port}"));
    }
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains("headless") {
        flags.push("--headless=new".to_owned());
    }
    if !sandbox {
        flags.push("--no-sandbox".to_owned());
    }
    flags
}

/// Checks the command line of a started browser; the error names the first difference. A port for a person is
/// allowed only where it was ordered: `devtools` is that order.
pub(crate) fn check(
    command_line: &[String],
    sandbox: bool,
    devtools: Option<u16>,
) -> Result<(), String> {
    let ordered = devtools.map(|port| format!("--remote-debugging-port={port}"));
    let command_line: Vec<&String> =
        command_line.iter().filter(|flag| Some(*flag) != ordered.as_ref()).collect();
    let has = |flag: &str| command_line.iter().any(|given| *given == flag);
    if let Some(missing) = NETWORK.iter().find(|flag| !has(flag)) {
        return Err(format!("the browser runs without {missing}"));
    }
    let proxies = command_line.iter().filter(|flag| flag.starts_with("--proxy-server=")).count();
    if proxies != 1 {
        return Err(format!("the browser runs with {proxies} proxies instead of one"));
    }
    let forbidden = |flag: &&&String| FORBIDDEN.iter().any(|bad| flag.starts_with(bad));
    if let Some(bad) = command_line.iter().find(forbidden) {
        return Err(format!("the browser runs with {bad}"));
    }
    if sandbox && has("--no-sandbox") {
        return Err("the browser runs without its sandbox".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Vec<String> {
        let options = Options::default();
        let mut given =
            flags(&options, Path::new("/p"), Path::new("/usr/lib/chromium/chromium"), true);
        given.push("--proxy-server=http://127.0.0.1:1".to_owned());
        given
    }

    #[test]
    fn our_own_flags_pass_our_own_check() {
        assert_eq!(check(&given(), true, None), Ok(()));
        assert!(given().contains(&"--headless=new".to_owned()));
    }

    #[test]
    fn a_port_for_a_person_is_allowed_only_where_it_was_ordered() {
        let mut open = given();
        open.push("--remote-debugging-port=9222".to_owned());
        assert_eq!(check(&open, true, Some(9222)), Ok(()));
        assert!(check(&open, true, Some(9223)).is_err() && check(&open, true, None).is_err());
        open.push("--remote-debugging-address=0.0.0.0".to_owned());
        assert!(check(&open, true, Some(9222)).is_err());
    }

    #[test]
    fn a_missing_wall_or_an_open_door_is_noticed() {
        for missing in NETWORK {
            let rest: Vec<String> = given().into_iter().filter(|flag| flag != missing).collect();
            assert!(check(&rest, true, None).is_err(), "{missing}");
        }
        for extra in FORBIDDEN.into_iter().chain(["--no-sandbox", "--proxy-server=direct://"]) {
            let mut more = given();
            more.push(extra.to_owned());
            assert!(check(&more, true, None).is_err(), "{extra}");
        }
    }
}
