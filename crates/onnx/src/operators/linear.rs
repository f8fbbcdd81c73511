//! Matrix products: dense layers, and 1x1 convolutions over many positions. One factor is constant.
use super::{
    super::{
        error::{Checked, Kind, ensure, fault},
        graph::{Combination, Geometry, Graph},
        pairwise::Pairwise,
        tensor::{Data, Element, Elements, MAX_ELEMENTS, Tensor, Type, broadcast, count},
    },
    Call, axis_of,
    pick::{select, whole},
    reduce::{self, Reduce},
    shape::{permute, stack},
};
use std::sync::Arc;
use veilmark_statement::model::MAX_WEIGHTS;

/// A dense layer, or a 1x1 convolution over many positions: `out[o][p] = sum_i w[o][i] x[i][p] + bias[o]`.
pub(super) fn dense(
    graph: &mut Graph,
    input: Elements,
    places: usize,
    weights: Vec<f32>,
    outputs: usize,
    bias: Vec<f64>,
) -> Checked<Vec<Element>> {
    let inputs = input.len() / places.max(1);
    let geometry = Geometry::pointwise(inputs, [places, 1], 1);
    let map = Combination::Product { input, geometry, weights: Arc::new(weights), bias };
    graph.node([outputs, places, 1], map, false)
}

pub(super) fn gemm(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let at = &call.attributes;
    let (alpha, beta) = (f64::from(at.float("alpha", 1.0)?), f64::from(at.float("beta", 1.0)?));
    let matrix = |graph: &mut Graph, index: usize, flag: &str| -> Checked<Tensor> {
        let tensor = call.input(index)?;
        ensure(tensor.shape.len() == 2, "a matrix", "of rank 2", format!("{:?}", tensor.shape))?;
        if at.integer(flag, 0)? != 0 { permute(graph, tensor, &[1, 0]) } else { Ok(tensor.clone()) }
    };
    let (a, b) = (matrix(graph, 0, "transA")?, matrix(graph, 1, "transB")?);
    let mut made = product(graph, &a, &b)?;
    if alpha != 1.0 {
        made = graph.uniform(&made, alpha, 0.0)?;
    }
    let Some(c) = call.optional(2) else { return Ok(made) };
    let fits = broadcast(&made.shape, &c.shape).is_ok_and(|shape| shape == made.shape);
    ensure(fits, "the bias", format!("such as broadcasts to {:?}", made.shape), format!("{:?}", c.shape))?;
    let c = if beta == 1.0 { c.clone() } else { graph.uniform(c, beta, 0.0)? };
    graph.pairwise(Pairwise::Add, &made, &c)
}

/// `[m, k] x [k, n]`, one of them constant.
pub(super) fn product(graph: &mut Graph, a: &Tensor, b: &Tensor) -> Checked<Tensor> {
    let (&[m, k], &[rows, n]) = (&a.shape[..], &b.shape[..]) else {
        return Err(fault("the matrices", "of rank 2", format!("{:?} and {:?}", a.shape, b.shape)));
    };
    let fits = k == rows && k > 0 && m > 0 && n > 0;
    ensure(fits, "the matrices", "such as multiply", format!("{:?} and {:?}", a.shape, b.shape))?;
    for matrix in [a, b] {
        ensure(matrix.kind.is_float(), "the matrices", "floats", matrix.describe())?;
    }
    let shape = vec![m, n];
    match (a.is_constant(), b.is_constant()) {
        (false, true) => {
            let weights = permute(graph, b, &[1, 0])?.as_floats("the weights")?.to_vec();
            let input = if m == 1 {
                a.as_elements("the input")?
            } else {
                permute(graph, a, &[1, 0])?.as_elements("the input")?
            };
            let made = dense(graph, input, m, weights, n, vec![0.0; n])?;
            permute(graph, &Tensor::elements(vec![n, m], made), &[1, 0])
        }
        (true, false) => {
            let made =
                dense(graph, b.as_elements("the input")?, n, a.as_floats("the weights")?.to_vec(), m, vec![0.0; m])?;
            Ok(Tensor::elements(shape, made))
        }
        (true, true) => {
            graph.spend_folding(m.saturating_mul(n).saturating_mul(k))?;
            let size = count(&shape, MAX_WEIGHTS)?;
            graph.spend_constants(size)?;
            let (left, right) = (a.as_floats("a matrix")?, b.as_floats("a matrix")?);
            let entry = |at: usize| -> f64 {
                let (row, column) = (at / n, at % n);
                (0..k).map(|i| f64::from(left[row * k + i]) * f64::from(right[i * n + column])).sum()
            };
            Tensor::rounded(shape, a.kind, (0..size).map(entry))
        }
        (false, false) => {
            Err(fault("one of the matrices", "constant", "two that depend on the latent").of(Kind::BothDependOnLatent))
        }
    }
}

pub(super) fn mat_mul(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let (a, b) = (call.input(0)?, call.input(1)?);
    multiply(graph, a, b)
}

/// `MatMul`, with all that it says of vectors and of batches.
fn multiply(graph: &mut Graph, a: &Tensor, b: &Tensor) -> Checked<Tensor> {
    let (Some(&k), Some(&columns)) = (a.shape.last(), b.shape.last()) else {
        return Err(fault("the matrices", "of rank 1 or more", "a number"));
    };
    if b.shape.len() == 1 {
        let made = multiply(graph, a, &b.with_shape(vec![columns, 1]))?;
        let shape = made.shape[..made.shape.len() - 1].to_vec();
        return Ok(made.with_shape(shape));
    }
    if a.shape.len() == 1 {
        let made = multiply(graph, &a.with_shape(vec![1, k]), b)?;
        let mut shape = made.shape.clone();
        shape.remove(shape.len() - 2);
        return Ok(made.with_shape(shape));
    }
    let (rows, inner) = (a.shape[a.shape.len() - 2], b.shape[b.shape.len() - 2]);
    let (lead_a, lead_b) = (&a.shape[..a.shape.len() - 2], &b.shape[..b.shape.len() - 2]);
    let mut shape = broadcast(lead_a, lead_b)?;
    let batch: usize = shape.iter().product();
    // one matrix for all rows
    if lead_b.iter().all(|side| *side == 1) {
        let flat = product(graph, &a.with_shape(vec![a.len() / k.max(1), k]), &b.with_shape(vec![inner, columns]))?;
        shape.extend([rows, columns]);
        return Ok(flat.with_shape(shape));
    }
    ensure(batch <= 4096, "the matrices of a batch", "at most 4096", batch)?;
    let mut slices = Vec::with_capacity(batch);
    let flat = |t: &Tensor| {
        let (r, c) = (t.shape[t.shape.len() - 2], t.shape[t.shape.len() - 1]);
        t.with_shape(vec![t.len() / (r * c).max(1), r, c])
    };
    let picks = |lead: &[usize]| {
        let own: Vec<usize> = (0..lead.iter().product()).collect();
        super::super::tensor::expand(&own, lead, &shape)
    };
    let (of_a, of_b, flat_a, flat_b) = (picks(lead_a), picks(lead_b), flat(a), flat(b));
    for at in 0..batch {
        let mut one = |t: &Tensor, index: usize| -> Checked<Tensor> {
            let mut lists = whole(&t.shape);
            lists[0] = vec![index];
            let made = select(graph, t, &lists)?;
            Ok(made.with_shape(t.shape[1..].to_vec()))
        };
        let (left, right) = (one(&flat_a, of_a[at])?, one(&flat_b, of_b[at])?);
        let made = product(graph, &left, &right)?;
        slices.push(made.with_shape(vec![1, rows, columns]));
    }
    let made = stack(graph, &slices, 0)?;
    shape.extend([rows, columns]);
    Ok(made.with_shape(shape))
}

/// `Einsum` of one operand, or of two of which one is constant.
pub(super) fn einsum(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let text: String = call.attributes.text("equation", "")?.chars().filter(|c| !c.is_whitespace()).collect();
    let letters = text.chars().all(|c| c.is_ascii_alphabetic() || ",->".contains(c));
    ensure(letters, "the equation", "letters, commas and one arrow (no ...)", &text)?;
    let (left, right) = match text.split_once("->") {
        Some((left, right)) => (left.to_owned(), right.to_owned()),
        None => {
            // labels that stand once, in order
            let mut labels: Vec<char> = text.chars().filter(char::is_ascii_alphabetic).collect();
            labels.sort_unstable();
            let once = |c: &char| text.chars().filter(|other| other == c).count() == 1;
            (text.clone(), labels.into_iter().filter(once).collect())
        }
    };
    let terms: Vec<Vec<char>> = left.split(',').map(|term| term.chars().collect()).collect();
    let wanted: Vec<char> = right.chars().collect();
    let distinct = (0..wanted.len()).all(|at| !wanted[..at].contains(&wanted[at]));
    ensure(distinct, "the equation's output", "distinct letters", &text)?;
    ensure(terms.len() == call.inputs.len(), "the equation's terms", call.inputs.len(), terms.len())?;
    ensure(terms.len() <= 2, "the operands", "at most two", terms.len())?;
    let mut operands = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        let tensor = call.input(index)?;
        ensure(tensor.shape.len() == term.len(), "an operand's rank", term.len(), tensor.shape.len())?;
        let elsewhere =
            |c: &char| wanted.contains(c) || terms.iter().enumerate().any(|(i, t)| i != index && t.contains(c));
        operands.push(simplify(graph, tensor, term, &elsewhere)?);
    }
    let (made, labels) = match &operands[..] {
        [one] => one.clone(),
        [a, b] => contract(graph, a, b, &wanted)?,
        _ => return Err(fault("the operands", "one or two", operands.len())),
    };
    let order = wanted.iter().map(|label| labels.iter().position(|l| l == label));
    let order =
        order.collect::<Option<Vec<_>>>().ok_or_else(|| fault("the equation", "of its inputs' letters", &text))?;
    permute(graph, &made, &order)
}

type Labelled = (Tensor, Vec<char>);

/// An operand without repeated labels, summed over those that stand nowhere else.
fn simplify(graph: &mut Graph, tensor: &Tensor, term: &[char], elsewhere: &dyn Fn(&char) -> bool) -> Checked<Labelled> {
    let repeated = (0..term.len()).any(|at| term[..at].contains(&term[at]));
    ensure(!repeated, "the letters of an operand", "distinct", term.iter().collect::<String>())?;
    let lost: Vec<usize> = (0..term.len()).filter(|axis| !elsewhere(&term[*axis])).collect();
    if lost.is_empty() {
        return Ok((tensor.clone(), term.to_vec()));
    }
    let made = reduce::reduce(graph, tensor, &lost, false, Reduce::Sum)?;
    Ok((made, (0..term.len()).filter(|axis| !lost.contains(axis)).map(|axis| term[axis]).collect()))
}

/// The contraction of two operands over the labels that both have and the output has not.
fn contract(graph: &mut Graph, (a, of_a): &Labelled, (b, of_b): &Labelled, wanted: &[char]) -> Checked<Labelled> {
    let side = |label: char| -> Checked<usize> {
        let find = |labels: &[char], t: &Tensor| labels.iter().position(|l| *l == label).map(|axis| t.shape[axis]);
        match (find(of_a, a), find(of_b, b)) {
            (Some(a), Some(b)) if a == b => Ok(a),
            (Some(a), None) => Ok(a),
            (None, Some(b)) => Ok(b),
            (a, b) => Err(fault(format!("the side {label:?}"), "one number", format!("{a:?} and {b:?}"))),
        }
    };
    let both = |kept: bool| -> Vec<char> {
        of_a.iter().copied().filter(|l| of_b.contains(l) && wanted.contains(l) == kept).collect()
    };
    let (batch, summed) = (both(true), both(false));
    let free =
        |own: &[char], other: &[char]| -> Vec<char> { own.iter().copied().filter(|l| !other.contains(l)).collect() };
    let (free_a, free_b) = (free(of_a, of_b), free(of_b, of_a));
    let ordered = |graph: &mut Graph, t: &Tensor, labels: &[char], order: &[&[char]]| -> Checked<Tensor> {
        let order: Vec<usize> =
            order.iter().flat_map(|part| part.iter()).filter_map(|l| labels.iter().position(|own| own == l)).collect();
        permute(graph, t, &order)
    };
    let size = |labels: &[char]| labels.iter().map(|l| side(*l)).try_fold(1usize, |n, s| Ok(n.saturating_mul(s?)));
    let (n, k, p, q) = (size(&batch)?, size(&summed)?, size(&free_a)?, size(&free_b)?);
    let left = ordered(graph, a, of_a, &[&batch, &free_a, &summed])?.with_shape(vec![n, p, k]);
    let right = ordered(graph, b, of_b, &[&batch, &summed, &free_b])?.with_shape(vec![n, k, q]);
    let made = if k == 1 && summed.is_empty() {
        // nothing is summed: an element-wise product
        graph.pairwise(Pairwise::Mul, &left, &right)?
    } else {
        multiply(graph, &left, &right)?
    };
    let labels: Vec<char> = batch.iter().chain(&free_a).chain(&free_b).copied().collect();
    let shape = labels.iter().map(|l| side(*l)).collect::<Checked<_>>()?;
    Ok((made.with_shape(shape), labels))
}

/// Sums of all elements up to each.
pub(super) fn cum_sum(graph: &mut Graph, call: &Call<'_>) -> Checked<Tensor> {
    let x = call.input(0)?;
    let axis = axis_of(call.input(1)?.as_scalar("the axis")? as i64, x.shape.len())?;
    let (exclusive, reverse) =
        (call.attributes.integer("exclusive", 0)? != 0, call.attributes.integer("reverse", 0)? != 0);
    let side = x.shape[axis];
    ensure(side <= 4096, "the summed side", "at most 4096", side)?;
    let mut order: Vec<usize> = (0..x.shape.len()).filter(|at| *at != axis).collect();
    order.push(axis);
    let moved = permute(graph, x, &order)?;
    let shape = moved.shape.clone();
    let counts = |row: usize, column: usize| {
        let before = if reverse { row > column } else { row < column };
        before || (!exclusive && row == column)
    };
    let list = (0..side * side).map(|at| f64::from(u8::from(counts(at / side, at % side))));
    let made = if let Data::Integers(numbers) = &moved.data {
        graph.spend_folding(x.len().saturating_mul(side))?;
        let row = |at: usize| -> Option<i64> {
            let (start, column) = (at / side * side, at % side);
            (0..side)
                .filter(|row| counts(*row, column))
                .try_fold(0i64, |sum, row| sum.checked_add(numbers[start + row]))
        };
        let list = (0..numbers.len()).map(row).collect::<Option<Vec<_>>>();
        let list = list.ok_or_else(|| fault("an integer result", "within 64 bits", "outside"))?;
        Tensor { kind: x.kind, ..Tensor::integers(shape.clone(), list) }
    } else {
        count(&[side, side], MAX_ELEMENTS)?;
        let ones = Tensor::rounded(vec![side, side], Type::Float, list)?;
        let flat = moved.with_shape(vec![x.len() / side.max(1), side]);
        product(graph, &flat, &ones)?.with_shape(shape.clone())
    };
    let mut back: Vec<usize> = (0..axis).collect();
    back.push(x.shape.len() - 1);
    back.extend(axis..x.shape.len() - 1);
    permute(graph, &made, &back)
}
