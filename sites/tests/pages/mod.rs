//! Pages for the comparison of trees.

use std::path::{Path, PathBuf};

/// Element names of every kind of rule.
pub const NAMES: [&str; 62] = [
    "html", "head", "body", "title", "script", "style", "noscript", "template", "base", "meta", "div", "p", "span", "a",
    "b", "i", "font", "nobr", "code", "ul", "li", "ol", "dl", "dt", "dd", "h1", "h2", "table", "caption", "colgroup",
    "col", "tbody", "thead", "tr", "td", "th", "form", "input", "select", "option", "optgroup", "button", "textarea",
    "pre", "br", "hr", "img", "svg", "path", "desc", "math", "mi", "foreignObject", "ruby", "rt", "rp", "object",
    "iframe", "address", "x-card", "label", "frameset",
];

/// Attributes as pages write them.
pub const ATTRIBUTES: [&str; 16] = [
    "class=a", "class='a b'", "id=\"x\"", "href='/a?b=1&amp;c=2&copy=3&lang=de'", "a=1 A=2", "data-x='<div>'", "checked",
    "=x", "a=", "b= 'c' d", "type=hidden", "type='HIDDEN'", "color=red", "xlink:href=#a viewbox='0 0 1 1'", "title='&#39;&eacute;'",
    "x=y/",
];

/// Texts and odd markup.
pub const PIECES: [&str; 40] = [
    "text", " ", "\n", "a < b", "<", "&", "&amp;", "&lt;", "&copy", "&#x41;", "&#65", "&#128;", "&notit;", "&nbsp;x", "<!-- c -->",
    "<!-->", "<!--->", "<!-- a -- b --!>", "<!-- -", "<!x>", "<?xml version='1'?>", "<![CDATA[x]]>", "</>", "</ x>", "<!doctype html>",
    "<script>if (a < b) '</b>'</script>", "<script><!-- <script> --></script>", "<style>a > b {}</style>", "<textarea>\n&lt;</textarea>",
    "<title>&amp;</title>", "<br/>", "</p>", "</br>", "<p/>", "\r\n", "\r", "\u{feff}", "ä€", "\0", "<svg><path d='x'/><title>t</title></svg>",
];

/// A list of offers, as servers write it.
pub const LIST: &str = r#"<!DOCTYPE html><html lang=de><head><meta charset=utf-8><title>A &amp; B</title>
<script>var a = "<div>";</script><link rel=x href=y></head>
<body class="page"><!-- top --><div id=main><form action=/s><input name=q><select><option value=1>1<option selected>2</select></form>
<ul class="list"><li class="card" data-id="1"><a href="/offer/1?a=1&amp;b=2"><img src=1.jpg alt="x"><h2>One <b>bold</b></h2></a><p>Text<p>More
<li class="card" data-id="2"><div><a href="/offer/2">Two</a> <i>it</i><br>5&nbsp;&euro; <svg viewBox="0 0 1 1"><path d="M0"/></svg></div></ul>
<table class=t><tr><td>a<td><b>b</b><tr><th>c</th><td>d</td></tr></table><dl><dt>k<dd>v<dt>k2<dd>v2</dl>
<button>go</button><script>document.write("</p>")</script></div><footer><p>end</footer></body></html>
"#;

/// Pages each of which touches a rule of its own.
pub const DIFFICULT: &[&str] = &[
    "", "x", "<p>", "</p>", "<!doctype html>", " <!-- a --> <!doctype html> <!-- b --> ", "<html a=1><html b=2>", "<head></head> <body> x",
    "<head><title>a</title></head>\n<!-- c -->\n<body>x</body>\n<!-- d -->\n</html>\n<!-- e -->\n", "<body>a</body>b</html>c<!-- d -->e",
    "<b><p>a</b>b</p>", "<a>a<a>b</a>", "<a><div><a>", "<p><b>a<p>b</b>c", "<b><i>a</b>b</i>c", "<p>1<b>2<i>3</b>4</i>5</p>",
    "<div><b></div>x", "<table>a<tr><td>b</table>", "<table><tr><td>a</td></tr></table>", "<table><td>a<td>b<tr><td>c</table>d",
    "<table><caption>a<b>b</caption><col><col><tr><td><table><tr><td>in</table>out</table>", "<table><tbody><tr><th>a<tfoot><tr><td>b</table>",
    "<table><tr><td><p>a</td></tr></table></p>", "<p><table><tr><td>a</table>", "<!doctype html><p><table><tr><td>a</table>b</p>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\"><p><table></table>",
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\"><p><table></table>", "<table><form><tr><td><input></form></table>",
    "<table><input type=hidden><tr><td></table>", "<ul><li>a<ul><li>b<li>c</ul><li>d</ul>", "<ul><li><div><li>x</div></ul>",
    "<dl><dt>a<dd>b<p>c<dt>d</dl>", "<p>a<div>b</p>c</div>", "<h1>a<h2>b</h1>c", "<button>a<button>b</button>", "<form><form>a</form>b</form>",
    "<form><div></form>a</div>b", "<div><form></div></form>x", "<select><option>a<option>b<optgroup><option>c</select>d", "<select><input>x",
    "<select><div>a<select>b", "<option>a<option>b", "<ruby>a<rt>b<rp>c</ruby>", "<pre>\n\na</pre>", "<pre>&#10;a</pre>", "<textarea>\n\na</textarea>b",
    "<textarea><p>a</textarea>", "<title><b>a</title>b", "<script><!-- <script></script> --></script>a", "<script><!-- </script>a",
    "<script>a", "<style>a", "<!-- a", "<p a", "a<", "a</", "<noscript><p>a</noscript><p>b", "<iframe><p>a</iframe>", "<xmp><p>a</xmp>",
    "<plaintext>a</plaintext>", "<svg><p>a</svg>", "<svg><g><path d=a /><linearGradient id=b></lineargradient></g></svg>x",
    "<svg><title>a<b>b</title></svg>", "<svg><desc>a</desc><use xlink:href=#a xml:lang=de></use></svg>", "<svg><font color=a>b</svg>",
    "<svg><style>a{}</style><script>1</script></svg>", "<svg/><p>a", "<svg><![CDATA[a]]></svg>", "<div><svg><g></div>a", "<svg></p>a",
    "<math><mi>a</mi></math>", "<template><p>a</template>", "<frameset><frame></frameset>", "<object><b>a</object>b", "<b><object></b>a</object>c",
    "<nobr>a<nobr>b", "<b><b><b><b>a</b></b></b></b><p>c", "<i><i><i><i><i>a<p>b", "<image src=a>", "<br></br><p/>a<img/>b", "a\0b", "a\r\nb\rc",
    "<p title='\r\n'>", "\u{feff}<p>a", "<P CLASS=A class=b ID=c>X</P>", "<x-y z>a</X-Y>", "<a href=x/y/>b</a>", "<p =a b==c 'd' \"e\">f",
    "<p a=b&amp;c d='&copy=1' e=\"&copy;1\">&copy=1 &copyx; &am", "&#x80;&#0;&#55555555555;&#xFFFF;&#", "<address><li>a<li>b</address>",
    "<body><head><title>a</title></head><body class=b>c", "</head><p>a", "</body><p>a", "</html> a", "<br><!-- b --><html>", "<link><p>a<link>b",
    "<head></head><script>a</script><p>", "<head></head> <script>a</script><p>", "<center><p>a</center>b", "<li>a<li>b", "<marquee><b>a</marquee>b",
    "<table><colgroup><col> <col></colgroup> <tr></tr></table>", "<table><tr> <td>a</td> <!-- b --> </tr> </table>", "<td>a</td>", "<tr>a",
    "<table></p><tr><td>a</table>", "<table><tr><td></table><b></td>x", "<a><table><tr><td><a>b</a></table></a>", "<hr><p>a<hr>b",
    "<section><p>a</section>b</p>", "<dialog><p>a</dialog>b", "<details><summary>a</details>b", "<label><input>a</label>", "</div>a</span>b",
];

/// The HTML files of the folder of saved pages: the one `SAVED_PAGES` names, or the one beside the
/// checkout; without one says SKIPPED.
#[expect(clippy::disallowed_methods, reason = "a test may ask where it runs")]
pub fn saved() -> Vec<(String, String)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/pages");
    let dir = std::env::var_os("SAVED_PAGES").map_or(beside, PathBuf::from);
    let mut out = Vec::new();
    let mut folders = vec![dir];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("html")) {
                let bytes = std::fs::read(&path).unwrap_or_default();
                out.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
    }
    if out.is_empty() {
        println!("SKIPPED: no saved pages beside the checkout");
    }
    out.sort();
    out
}
