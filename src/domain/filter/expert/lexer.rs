//! From text to words, numbers, strings and signs, each with its column.

use super::Mistake;

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or a keyword, or the sign of a currency.
    Word(String),
    /// A number.
    Number(f64),
    /// A string in quotes.
    Text(String),
    /// A regular expression between slashes.
    Pattern(String),
    /// `(`, `)`, `,`, `..`, `~` or a comparison.
    Sign(&'static str),
    /// The end.
    End,
}

impl Token {
    /// As it is named in a complaint.
    pub fn name(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("the text \"{text}\""),
            Self::Pattern(pattern) => format!("the pattern /{pattern}/"),
            Self::Sign(sign) => format!("`{sign}`"),
            Self::End => "the end".into(),
        }
    }
}

/// Signs, longer ones first; the second spelling is what keyboards and typesetting make of the first.
const SIGNS: [(&str, &str); 18] = [
    ("<=", "<="),
    ("=<", "<="),
    ("≤", "<="),
    (">=", ">="),
    ("=>", ">="),
    ("≥", ">="),
    ("!=", "!="),
    ("<>", "!="),
    ("≠", "!="),
    ("==", "="),
    ("..", ".."),
    ("…", ".."),
    ("<", "<"),
    (">", ">"),
    ("=", "="),
    ("~", "~"),
    ("(", "("),
    (")", ")"),
];

/// Opening quotes, each with the one that closes it.
const QUOTES: [(char, char); 6] =
    [('"', '"'), ('“', '”'), ('”', '”'), ('„', '“'), ('«', '»'), ('\'', '\'')];

/// Numbers are smaller than this.
pub const LARGEST: f64 = 1e15;

/// All tokens with their columns, the end among them.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Mistake> {
    let mut reader = Reader { rest: text, column: 1 };
    let mut all = Vec::new();
    loop {
        reader.skip(|c| c.is_whitespace());
        let column = reader.column;
        let token = reader.token()?;
        let ends = token == Token::End;
        all.push((token, column));
        if ends {
            return Ok(all);
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    column: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.column += taken.chars().count();
        taken
    }

    fn skip(&mut self, which: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !which(c)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn token(&mut self) -> Result<Token, Mistake> {
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        let after = self.rest[first.len_utf8()..].chars().next();
        let opens_number = matches!(first, '-' | '−') && after.is_some_and(|c| c.is_ascii_digit());
        if first.is_ascii_digit() || opens_number {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' {
            let word = self.skip(|c| c.is_alphanumeric() || c == '_');
            return Ok(Token::Word(word.to_owned()));
        }
        if let Some((_, close)) = QUOTES.iter().find(|(open, _)| *open == first) {
            return self.until(first, *close).map(Token::Text);
        }
        if first == '/' {
            return self.until('/', '/').map(Token::Pattern);
        }
        if first == ',' {
            self.take(1);
            return Ok(Token::Sign(","));
        }
        if let Some((written, sign)) = SIGNS.iter().find(|(sign, _)| self.rest.starts_with(sign)) {
            self.take(written.len());
            return Ok(Token::Sign(sign));
        }
        if ('\u{20a0}'..='\u{20cf}').contains(&first) || matches!(first, '$' | '£' | '¥') {
            return Ok(Token::Word(self.take(first.len_utf8()).to_owned()));
        }
        Err(Mistake {
            column: self.column,
            expected: "a word, a number, a \"text\" or a sign such as <=".into(),
            found: format!("`{first}`"),
        })
    }

    /// Digits with at most one point that digits follow: `2..3` are two numbers.
    fn number(&mut self) -> Result<Token, Mistake> {
        let column = self.column;
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let sign = if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            ""
        } else {
            self.skip(|c| matches!(c, '-' | '−'));
            "-"
        };
        let mut written = format!("{sign}{}", self.take(digits(self.rest)));
        if let Some(fraction) = self.rest.strip_prefix('.')
            && digits(fraction) > 0
        {
            written.push_str(self.take(1 + digits(fraction)));
        }
        match written.parse::<f64>() {
            Ok(number) if number.abs() < LARGEST => Ok(Token::Number(number)),
            _ => Err(Mistake { column, expected: "a smaller number".into(), found: written }),
        }
    }

    /// What stands up to the closing mark. `\` before a mark or another `\` takes it for itself; in a pattern
    /// only `\/` loses its `\`, the rest is for the regular expression.
    fn until(&mut self, open: char, close: char) -> Result<String, Mistake> {
        let column = self.column;
        let pattern = open == '/';
        let mut out = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == close {
                self.take(at + letter.len_utf8());
                return Ok(out);
            }
            if letter != '\\' {
                out.push(letter);
                continue;
            }
            let Some((_, next)) = letters.next() else { break };
            let bare = next == close || (!pattern && next == '\\');
            if !bare {
                out.push('\\');
            }
            out.push(next);
        }
        Err(Mistake { column, expected: format!("a closing {close}"), found: "the end".into() })
    }
}
