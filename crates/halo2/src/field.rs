//! Arithmetic on the two fields of BN254 as four 64-bit limbs in Montgomery form (`R = 2^256`, as halo2curves has them),
//! always inlined.
//!
//! A value is *reduced* below `p`, *lazy* below `2p`, *loose* below `4p`; both moduli have 254 bits, so all fit. Functions say
//! what they take and give. Nothing here runs in constant time.
use halo2_proofs::halo2curves::{
    bn256::{Fq, Fr},
    serde::SerdeObject,
};

/// A field element or an integer, least significant limb first.
pub(crate) type Limbs = [u64; 4];

/// Zero, in and out of Montgomery form.
pub(crate) const ZERO: Limbs = [0; 4];

/// A modulus of 254 bits.
pub(crate) trait Modulus: Copy + Send + Sync + 'static {
    /// The modulus.
    const P: Limbs;
    /// Twice the modulus.
    const P2: Limbs = double(Self::P);
    /// `-1 / p` modulo `2^64`.
    const INV: u64 = neg_inverse(Self::P[0]);
    /// `R` modulo `p`: the number one.
    const ONE: Limbs;
    /// `R^2` modulo `p`.
    const R2: Limbs;
}

/// The scalar field of BN254.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

/// The base field of BN254.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Base;

impl Modulus for Scalar {
    const P: Limbs = [0x43e1_f593_f000_0001, 0x2833_e848_79b9_7091, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029];
    const ONE: Limbs = power_of_two(256, Self::P);
    const R2: Limbs = power_of_two(512, Self::P);
}

impl Modulus for Base {
    const P: Limbs = [0x3c20_8c16_d87c_fd47, 0x9781_6a91_6871_ca8d, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029];
    const ONE: Limbs = power_of_two(256, Self::P);
    const R2: Limbs = power_of_two(512, Self::P);
}

const fn double(a: Limbs) -> Limbs {
    [a[0] << 1, a[1] << 1 | a[0] >> 63, a[2] << 1 | a[1] >> 63, a[3] << 1 | a[2] >> 63]
}

/// Newton's iteration doubles the correct bits.
const fn neg_inverse(p0: u64) -> u64 {
    let mut inverse = 1u64;
    let mut i = 0;
    while i < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p0.wrapping_mul(inverse)));
        i += 1;
    }
    inverse.wrapping_neg()
}

/// `2^exponent` modulo `p`.
const fn power_of_two(exponent: u32, p: Limbs) -> Limbs {
    let mut a = [1, 0, 0, 0];
    let mut i = 0;
    while i < exponent {
        a = reduce_once(&double(a), &p);
        i += 1;
    }
    a
}

/// The library's `carrying_add` is not `const` yet.
#[inline(always)]
const fn carry_add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry as u64);
    (sum, first | second)
}

/// As [`carry_add`].
#[inline(always)]
const fn borrow_sub(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow as u64);
    (difference, first | second)
}

/// The sum; the caller knows that it has 256 bits.
#[inline(always)]
pub(crate) const fn add_raw(a: &Limbs, b: &Limbs) -> Limbs {
    let (r0, c) = carry_add(a[0], b[0], false);
    let (r1, c) = carry_add(a[1], b[1], c);
    let (r2, c) = carry_add(a[2], b[2], c);
    let (r3, _) = carry_add(a[3], b[3], c);
    [r0, r1, r2, r3]
}

/// The difference modulo `2^256`, and whether it is negative.
#[inline(always)]
pub(crate) const fn sub_raw(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (r0, c) = borrow_sub(a[0], b[0], false);
    let (r1, c) = borrow_sub(a[1], b[1], c);
    let (r2, c) = borrow_sub(a[2], b[2], c);
    let (r3, c) = borrow_sub(a[3], b[3], c);
    ([r0, r1, r2, r3], c)
}

/// `a - m` where `a >= m`, `a` otherwise.
#[inline(always)]
pub(crate) const fn reduce_once(a: &Limbs, m: &Limbs) -> Limbs {
    let (d, negative) = sub_raw(a, m);
    let mask = (negative as u64).wrapping_neg();
    [
        d[0] ^ ((d[0] ^ a[0]) & mask),
        d[1] ^ ((d[1] ^ a[1]) & mask),
        d[2] ^ ((d[2] ^ a[2]) & mask),
        d[3] ^ ((d[3] ^ a[3]) & mask),
    ]
}

/// A loose value, reduced.
#[inline(always)]
pub(crate) fn reduce<M: Modulus>(a: &Limbs) -> Limbs {
    reduce_once(&reduce_once(a, &M::P2), &M::P)
}

/// One step of Montgomery's product: `(t + a b + m p) / 2^64`.
#[inline(always)]
fn step<M: Modulus>(t: Limbs, a: &Limbs, b: u64) -> Limbs {
    let p = M::P;
    let (t0, c) = a[0].carrying_mul_add(b, t[0], 0);
    let (t1, c) = a[1].carrying_mul_add(b, t[1], c);
    let (t2, c) = a[2].carrying_mul_add(b, t[2], c);
    let (t3, t4) = a[3].carrying_mul_add(b, t[3], c);
    let m = t0.wrapping_mul(M::INV);
    let (_, c) = m.carrying_mul_add(p[0], t0, 0);
    let (r0, c) = m.carrying_mul_add(p[1], t1, c);
    let (r1, c) = m.carrying_mul_add(p[2], t2, c);
    let (r2, c) = m.carrying_mul_add(p[3], t3, c);
    // no carry is lost: the modulus leaves two bits of the top limb free
    [r0, r1, r2, t4.wrapping_add(c)]
}

/// The lazy product of two lazy values, or of a loose and a reduced one.
#[inline(always)]
pub(crate) fn mul_lazy<M: Modulus>(a: &Limbs, b: &Limbs) -> Limbs {
    let t = step::<M>(ZERO, a, b[0]);
    let t = step::<M>(t, a, b[1]);
    let t = step::<M>(t, a, b[2]);
    step::<M>(t, a, b[3])
}

/// The reduced product of two lazy values, or of a loose and a reduced one.
#[inline(always)]
pub(crate) fn mul<M: Modulus>(a: &Limbs, b: &Limbs) -> Limbs {
    reduce_once(&mul_lazy::<M>(a, b), &M::P)
}

/// The reduced sum of reduced values.
#[inline(always)]
pub(crate) fn add<M: Modulus>(a: &Limbs, b: &Limbs) -> Limbs {
    reduce_once(&add_raw(a, b), &M::P)
}

/// The reduced difference of reduced values.
#[inline(always)]
pub(crate) fn sub<M: Modulus>(a: &Limbs, b: &Limbs) -> Limbs {
    let (d, negative) = sub_raw(a, b);
    let mask = (negative as u64).wrapping_neg();
    let p = M::P;
    add_raw(&d, &[p[0] & mask, p[1] & mask, p[2] & mask, p[3] & mask])
}

/// The reduced negative of a reduced value.
#[inline(always)]
pub(crate) fn neg<M: Modulus>(a: &Limbs) -> Limbs {
    sub::<M>(&ZERO, a)
}

/// A reduced value out of Montgomery form: the integer below `p`.
#[inline(always)]
pub(crate) fn integer<M: Modulus>(a: &Limbs) -> Limbs {
    mul::<M>(a, &[1, 0, 0, 0])
}

/// A signed integer in Montgomery form.
#[inline(always)]
pub(crate) fn from_i64<M: Modulus>(value: i64) -> Limbs {
    let magnitude = mul::<M>(&[value.unsigned_abs(), 0, 0, 0], &M::R2);
    if value < 0 { neg::<M>(&magnitude) } else { magnitude }
}

macro_rules! conversions {
    ($field:ty, $modulus:ty, $to:ident, $from:ident) => {
        /// The limbs of a field element, reduced.
        #[inline(always)]
        pub(crate) fn $to(x: &$field) -> Limbs {
            let mut bytes = [0u8; 32];
            x.write_raw(&mut &mut bytes[..]).expect("the buffer has the element's 32 bytes");
            let mut limbs = ZERO;
            for (limb, bytes) in limbs.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *limb = u64::from_le_bytes(*bytes);
            }
            limbs
        }

        /// The field element of reduced limbs.
        #[inline(always)]
        pub(crate) fn $from(x: &Limbs) -> $field {
            let mut bytes = [0u8; 32];
            for (limb, bytes) in x.iter().zip(bytes.as_chunks_mut::<8>().0) {
                *bytes = limb.to_le_bytes();
            }
            <$field>::from_raw_bytes_unchecked(&bytes)
        }
    };
}

conversions!(Fr, Scalar, scalar_limbs, scalar);
conversions!(Fq, Base, base_limbs, base);

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use proptest::prelude::*;

    fn element() -> impl Strategy<Value = Fr> {
        prop_oneof![
            Just(Fr::ZERO),
            Just(Fr::ONE),
            Just(-Fr::ONE),
            any::<u64>().prop_map(Fr::from),
            any::<[u64; 8]>().prop_map(|seed| {
                seed.into_iter().fold(Fr::ONE, |x, s| x * Fr::from_raw([s, !s, s.rotate_left(7), s >> 3]) + Fr::from(s))
            }),
        ]
    }

    proptest! {
        #[test]
        fn is_the_scalar_field(a in element(), b in element(), value in any::<i64>()) {
            let (x, y) = (scalar_limbs(&a), scalar_limbs(&b));
            prop_assert_eq!(scalar(&x), a);
            prop_assert_eq!(scalar(&mul::<Scalar>(&x, &y)), a * b);
            prop_assert_eq!(scalar(&add::<Scalar>(&x, &y)), a + b);
            prop_assert_eq!(scalar(&sub::<Scalar>(&x, &y)), a - b);
            prop_assert_eq!(scalar(&neg::<Scalar>(&x)), -a);
            // lazy and loose operands
            let lazy = add_raw(&x, &Scalar::P);
            prop_assert_eq!(scalar(&mul::<Scalar>(&lazy, &add_raw(&y, &Scalar::P))), a * b);
            let loose = add_raw(&lazy, &Scalar::P2);
            prop_assert_eq!(scalar(&mul::<Scalar>(&loose, &y)), a * b);
            prop_assert_eq!(scalar(&reduce::<Scalar>(&loose)), a);
            let magnitude = Fr::from(value.unsigned_abs());
            prop_assert_eq!(scalar(&from_i64::<Scalar>(value)), if value < 0 { -magnitude } else { magnitude });
            prop_assert_eq!(scalar(&mul::<Scalar>(&integer::<Scalar>(&x), &Scalar::R2)), a);
        }

        #[test]
        fn is_the_base_field(a in any::<[u64; 3]>(), b in any::<[u64; 3]>()) {
            let of = |[u, v, w]: [u64; 3]| Fq::from_raw([u, v, w, 0]) * Fq::from_raw([w, u, v, 1]);
            let (a, b) = (of(a), of(b));
            let (x, y) = (base_limbs(&a), base_limbs(&b));
            prop_assert_eq!(base(&mul::<Base>(&x, &y)), a * b);
            prop_assert_eq!(base(&sub::<Base>(&x, &y)), a - b);
            prop_assert_eq!(base(&Base::ONE), Fq::ONE);
            prop_assert_eq!(scalar(&Scalar::ONE), Fr::ONE);
        }
    }
}
