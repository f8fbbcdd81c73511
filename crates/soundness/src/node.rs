//! Gates' polynomials, as trees of our own: the proof system's cannot be changed from outside, and mutations change them.
use halo2_proofs::{halo2curves::bn256::Fr, plonk::Expression};

/// A polynomial over queries.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A constant.
    Constant(Fr),
    /// A fixed column at a rotation.
    Fixed(usize, i32),
    /// An advice column at a rotation.
    Advice(usize, i32),
    /// An instance column at a rotation.
    Instance(usize, i32),
    /// A challenge.
    Challenge(usize),
    /// A selector that no fixed column stands for.
    Selector(usize),
    /// The negative.
    Negated(Box<Node>),
    /// A sum.
    Sum(Box<Node>, Box<Node>),
    /// A product.
    Product(Box<Node>, Box<Node>),
    /// A product with a constant.
    Scaled(Box<Node>, Fr),
}

impl From<&Expression<Fr>> for Node {
    fn from(expression: &Expression<Fr>) -> Self {
        expression.evaluate(
            &Self::Constant,
            &|selector| Self::Selector(selector.index()),
            &|query| Self::Fixed(query.column_index(), query.rotation().0),
            &|query| Self::Advice(query.column_index(), query.rotation().0),
            &|query| Self::Instance(query.column_index(), query.rotation().0),
            &|challenge| Self::Challenge(challenge.index()),
            &|node| Self::Negated(node.into()),
            &|a, b| Self::Sum(a.into(), b.into()),
            &|a, b| Self::Product(a.into(), b.into()),
            &|node, by| Self::Scaled(node.into(), by),
        )
    }
}

impl Node {
    /// Every node, parents before children.
    pub fn visit(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        match self {
            Self::Negated(a) | Self::Scaled(a, _) => a.visit(see),
            Self::Sum(a, b) | Self::Product(a, b) => {
                a.visit(see);
                b.visit(see);
            }
            _ => {}
        }
    }

    /// Every node in the order of [`Node::visit`], to be changed; a changed node's children are not visited.
    pub fn visit_mut(&mut self, change: &mut impl FnMut(&mut Self) -> bool) {
        if change(self) {
            return;
        }
        match self {
            Self::Negated(a) | Self::Scaled(a, _) => a.visit_mut(change),
            Self::Sum(a, b) | Self::Product(a, b) => {
                a.visit_mut(change);
                b.visit_mut(change);
            }
            _ => {}
        }
    }

    /// Whether any node is such a one.
    pub fn any(&self, is: impl Fn(&Self) -> bool) -> bool {
        let mut found = false;
        self.visit(&mut |node| found |= is(node));
        found
    }
}
