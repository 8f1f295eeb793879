//! Reads the words of a condition: `and` binds closer than `or`.

use super::tokens::{Token, tokens};
use super::{Condition, HOW_TO_WRITE, Operand, Operator};
use crate::connectwise::schema::Kind;

/// Finds the JSON pointer and kind of a path.
type Resolve<'r> = &'r dyn Fn(&str) -> Option<(String, Kind)>;

pub(super) fn parse(text: &str, resolve: Resolve<'_>) -> Result<Condition, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, resolve };
    let condition = parser.any()?;
    match parser.tokens.first() {
        None => Ok(condition),
        Some(left) => Err(format!("Unexpected {left:?} in the condition.")),
    }
}

struct Parser<'t, 'r> {
    tokens: &'t [Token],
    resolve: Resolve<'r>,
}

impl Parser<'_, '_> {
    fn any(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.all()?];
        while self.take_word("or") {
            all.push(self.all()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::Or(all) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.one()?];
        while self.take_word("and") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.take_sign("(") {
            let inside = self.any()?;
            return if self.take_sign(")") { Ok(inside) } else { Err("Closing parenthesis expected.".to_owned()) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, String> {
        let Some(Token::Word(path)) = self.next() else { return Err(HOW_TO_WRITE.to_owned()) };
        let found = (self.resolve)(&path);
        let (pointer, kind) = found.ok_or_else(|| format!("{path} is not a recognized name."))?;
        let negated = self.take_word("not");
        let operator = self.operator()?;
        let operands = if operator == Operator::In { self.list()? } else { vec![self.operand()?] };
        operands.iter().try_for_each(|operand| suits(kind, operator, operand))?;
        let comparison = Condition::Compare { pointer, kind, operator, operands };
        Ok(if negated { Condition::Not(Box::new(comparison)) } else { comparison })
    }

    fn operator(&mut self) -> Result<Operator, String> {
        let operator = match self.next() {
            Some(Token::Sign("=")) => Some(Operator::Equal),
            Some(Token::Sign("!=")) => Some(Operator::Unequal),
            Some(Token::Sign("<")) => Some(Operator::Less),
            Some(Token::Sign("<=")) => Some(Operator::AtMost),
            Some(Token::Sign(">")) => Some(Operator::Greater),
            Some(Token::Sign(">=")) => Some(Operator::AtLeast),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "contains" => Some(Operator::Contains),
                "like" => Some(Operator::Like),
                "in" => Some(Operator::In),
                _ => None,
            },
            _ => None,
        };
        operator.ok_or_else(|| "Operator expected.".to_owned())
    }

    fn list(&mut self) -> Result<Vec<Operand>, String> {
        if !self.take_sign("(") {
            return Err("Opening parenthesis expected.".to_owned());
        }
        let mut operands = vec![self.operand()?];
        while self.take_sign(",") {
            operands.push(self.operand()?);
        }
        if self.take_sign(")") { Ok(operands) } else { Err("Closing parenthesis expected.".to_owned()) }
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Operand::Text(text)),
            Some(Token::Number(number)) => Ok(Operand::Number(number)),
            Some(Token::Moment(moment)) => Ok(Operand::Moment(moment)),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Ok(Operand::Flag(true)),
                "false" => Ok(Operand::Flag(false)),
                "null" => Ok(Operand::Null),
                _ => Err(HOW_TO_WRITE.to_owned()),
            },
            _ => Err(HOW_TO_WRITE.to_owned()),
        }
    }

    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.first(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.tokens = &self.tokens[usize::from(found)..];
        found
    }

    fn take_sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.first(), Some(Token::Sign(sign)) if *sign == wanted);
        self.tokens = &self.tokens[usize::from(found)..];
        found
    }
}

/// Whether a value may be compared with a field of this kind.
fn suits(kind: Kind, operator: Operator, operand: &Operand) -> Result<(), String> {
    let suits = match (kind, operand) {
        (_, Operand::Null)
        | (Kind::Whole | Kind::Number, Operand::Number(_))
        | (Kind::Flag, Operand::Flag(_))
        | (Kind::Moment, Operand::Moment(_))
        | (Kind::Text(_), Operand::Text(_)) => true,
        (Kind::Choice(words), Operand::Text(text)) => {
            let partial = matches!(operator, Operator::Contains | Operator::Like);
            if !partial && !words.split(' ').any(|word| word.eq_ignore_ascii_case(text)) {
                return Err("Enum value supplied was invalid".to_owned());
            }
            true
        }
        _ => false,
    };
    if suits { Ok(()) } else { Err(HOW_TO_WRITE.to_owned()) }
}
