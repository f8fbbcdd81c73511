use super::*;
use crate::statement::{
    claim::{Header, PICTURE, PROMPT},
    model::testing::perceptron,
};
use crate::transcript::{point_to_words, scalar_to_word};
use rand::{SeedableRng, rngs::StdRng};
use rand_core::OsRng;

const K: u32 = 7;
const SIZE: (u32, u32) = (6, 5);

/// A setup of a secret that no test knows.
struct Points {
    powers: Vec<G1Affine>,
    lagrange: Vec<G1Affine>,
}

impl Points {
    fn new(k: u32) -> Self {
        let (secret, n) = (Fr::random(OsRng), 1u64 << k);
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
        let point = |scalar: Fr| (G1::generator() * scalar).to_affine();
        let above = (secret.pow_vartime([n]) - Fr::ONE) * Fr::from(n).invert().unwrap();
        let roots = std::iter::successors(Some(Fr::ONE), |root| Some(*root * omega)).take(n as usize);
        let lagrange = roots.map(|root| point(above * root * (secret - root).invert().unwrap())).collect();
        Self { powers: (0..=n).map(|i| point(secret.pow_vartime([i]))).collect(), lagrange }
    }

    fn setup(&self) -> Setup<'_> {
        Setup::new(&self.powers, &self.lagrange).unwrap()
    }
}

fn params() -> Points {
    Points::new(K)
}

fn image(shade: u8) -> Raster {
    let pixels = (0..30).map(|at: u8| [shade.wrapping_mul(at), at, shade ^ at]).collect();
    Raster::new(SIZE.0, SIZE.1, pixels).unwrap()
}

fn header() -> Header {
    Header { srs_id: [9; 32], k: K, size: SIZE, ..Header::default() }
}

fn commit(params: &Points, image: &Raster, salts: &Salts) -> Commitment {
    Commitment::new(&params.setup(), &PICTURE, &header(), &committed::picture(image, salts)).unwrap()
}

/// A commitment and its honest disclosure.
struct Honest {
    params: Points,
    image: Raster,
    salts: Salts,
    commitment: Commitment,
    disclosure: Disclosure,
}

impl Honest {
    fn new() -> Self {
        let (params, image, salts) = (params(), image(3), Salts::random(OsRng));
        let commitment = commit(&params, &image, &salts);
        let disclosure =
            Disclosure::new(&params.setup(), &commitment, Content::Picture(&image), &salts, OsRng).unwrap();
        Self { params, image, salts, commitment, disclosure }
    }

    fn shows(&self, disclosure: &Disclosure) -> bool {
        disclosure.shows(&self.params.setup(), &self.commitment, Content::Picture(&self.image))
    }

    fn with(&self, at: usize, bytes: &[u8]) -> Disclosure {
        let mut changed = *self.disclosure.as_bytes();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        Disclosure::from_bytes(changed)
    }

    fn word(&self, at: usize) -> [u8; WORD] {
        self.disclosure.as_bytes()[at..at + WORD].try_into().unwrap()
    }
}

#[test]
fn the_committed_picture_is_shown() {
    let honest = Honest::new();
    assert!(honest.shows(&honest.disclosure));
    let again = Disclosure::new(
        &honest.params.setup(),
        &honest.commitment,
        Content::Picture(&honest.image),
        &honest.salts,
        OsRng,
    );
    let again = again.unwrap();
    assert!(honest.shows(&again) && again != honest.disclosure, "fresh nonces each time");
}

#[test]
fn a_latent_is_shown_and_no_other() {
    let params = Points::new(9);
    let model = perceptron(3);
    let architecture = model.architecture();
    let latent: Vec<i8> = (0..architecture.latent).map(|at| at as i8 - 5).collect();
    let salts = Salts::<1>::random(OsRng);
    let header = Header { srs_id: [9; 32], k: 9, architecture: architecture.hash(), ..Header::default() };
    let columns = [committed::latent(architecture, &latent, &salts)];
    let commitment = Commitment::new(&params.setup(), &PROMPT, &header, &columns).unwrap();
    let content = Content::Latent(architecture, &latent);
    let disclosure = Disclosure::new(&params.setup(), &commitment, content, &salts, OsRng).unwrap();
    assert!(disclosure.shows(&params.setup(), &commitment, content));
    for at in 0..latent.len() {
        let mut other = latent.clone();
        other[at] ^= 1;
        assert!(!disclosure.shows(&params.setup(), &commitment, Content::Latent(architecture, &other)), "entry {at}");
    }
    for other in [&latent[1..], &[&latent[..], &[1]].concat()] {
        assert!(
            !disclosure.shows(&params.setup(), &commitment, Content::Latent(architecture, other)),
            "another length"
        );
    }
}

#[test]
fn another_picture_is_not_shown() {
    let honest = Honest::new();
    for pixel in 0..30 {
        for channel in 0..3 {
            let mut pixels = honest.image.pixels().to_vec();
            pixels[pixel][channel] ^= 1;
            let other = Raster::new(SIZE.0, SIZE.1, pixels).unwrap();
            let content = Content::Picture(&other);
            assert!(!honest.disclosure.shows(&honest.params.setup(), &honest.commitment, content), "{pixel} {channel}");
        }
    }
    let turned = Raster::new(SIZE.1, SIZE.0, honest.image.pixels().to_vec()).unwrap();
    assert!(
        !honest.disclosure.shows(&honest.params.setup(), &honest.commitment, Content::Picture(&turned)),
        "the same rows"
    );
    let other = image(5);
    // nor by whoever has the salts: they open nothing else
    let forged =
        Disclosure::new(&honest.params.setup(), &honest.commitment, Content::Picture(&other), &honest.salts, OsRng)
            .unwrap();
    assert!(!forged.shows(&honest.params.setup(), &honest.commitment, Content::Picture(&other)));
}

#[test]
fn every_byte_counts() {
    let honest = Honest::new();
    for at in 0..BYTES {
        assert!(!honest.shows(&honest.with(at, &[honest.disclosure.as_bytes()[at] ^ 1])), "byte {at}");
    }
}

#[test]
fn another_nonce_point_and_other_answers_are_refused() {
    let honest = Honest::new();
    let other = point_to_words((G1::from(honest.commitment.points()[0]) + G1::generator()).to_affine()).unwrap();
    assert!(!honest.shows(&honest.with(0, &other)));
    for row in 0..SALT_ROWS {
        let at = POINT + row * WORD;
        let answer = crate::transcript::scalar_from_word(honest.word(at)).unwrap();
        for changed in [answer + Fr::ONE, -answer, Fr::ZERO] {
            assert!(!honest.shows(&honest.with(at, &scalar_to_word(changed))), "row {row}");
        }
    }
    // two answers in each other's place
    let swapped = honest.with(POINT, &[honest.word(POINT + WORD), honest.word(POINT)].concat());
    assert!(!honest.shows(&swapped));
}

#[test]
fn the_point_at_infinity_and_points_off_the_curve_are_refused() {
    let honest = Honest::new();
    assert!(!honest.shows(&honest.with(0, &[0; POINT])));
    let mut off = [0; POINT];
    (off[WORD - 1], off[POINT - 1]) = (1, 1);
    assert!(!honest.shows(&honest.with(0, &off)));
    assert!(!honest.shows(&Disclosure::from_bytes([0; BYTES])));
    assert!(!honest.shows(&Disclosure::from_bytes([0xff; BYTES])));
}

/// The same scalar as a larger number: one disclosure would have many spellings.
#[test]
fn scalars_have_one_spelling() {
    let honest = Honest::new();
    let mut modulus = scalar_to_word(-Fr::ONE);
    modulus[WORD - 1] += 1; // r ends in 0x01, so r - 1 in 0x00
    for row in [0, 1, SALT_ROWS - 1] {
        let at = POINT + row * WORD;
        let mut carry = 0;
        let mut larger = honest.word(at);
        for (digit, more) in larger.iter_mut().zip(modulus).rev() {
            let sum = u16::from(*digit) + u16::from(more) + carry;
            (*digit, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(carry, 0, "r is below 2^254");
        assert!(crate::transcript::scalar_reduced(larger) == crate::transcript::scalar_reduced(honest.word(at)));
        assert!(!honest.shows(&honest.with(at, &larger)), "row {row}");
    }
}

#[test]
fn it_is_of_one_commitment() {
    let honest = Honest::new();
    let content = Content::Picture(&honest.image);
    // the same picture under other salts
    let other = commit(&honest.params, &honest.image, &Salts::random(OsRng));
    assert!(!honest.disclosure.shows(&honest.params.setup(), &other, content));
    // the same points under another setup's name, or as another size's
    let points = honest.commitment.points().to_vec();
    for header in [Header { srs_id: [8; 32], ..header() }, Header { size: (5, 6), ..header() }] {
        let other = Commitment::of_points(&PICTURE, &header, points.clone());
        assert!(!honest.disclosure.shows(&honest.params.setup(), &other, content));
    }
    // another domain than the setup's
    let other = Commitment::of_points(&PICTURE, &Header { k: K + 1, ..header() }, points.clone());
    assert!(!honest.disclosure.shows(&honest.params.setup(), &other, content));
    // under the setup of somebody else
    assert!(!honest.disclosure.shows(&params().setup(), &honest.commitment, content));
    // the channels in another order
    let swapped = Commitment::of_points(&PICTURE, &header(), vec![points[1], points[0], points[2]]);
    assert!(!honest.disclosure.shows(&honest.params.setup(), &swapped, content));
    let pixels = honest.image.pixels().iter().map(|[r, g, b]| [*g, *r, *b]).collect();
    let green_first = Raster::new(SIZE.0, SIZE.1, pixels).unwrap();
    for commitment in [&swapped, &honest.commitment] {
        assert!(!honest.disclosure.shows(&honest.params.setup(), commitment, Content::Picture(&green_first)));
    }
    // the point at infinity for a column
    let empty = Commitment::of_points(&PICTURE, &header(), vec![points[0], G1Affine::default(), points[2]]);
    assert!(!honest.disclosure.shows(&honest.params.setup(), &empty, content));
}

/// Whoever may choose the challenge needs no salts: the answers come first, then the point that fits. The hash chooses another.
#[test]
fn a_disclosure_made_backwards_is_refused() {
    let honest = Honest::new();
    let other = image(5);
    for target in [&honest.image, &other] {
        let content = Content::Picture(target);
        let statement = Statement::new(&honest.params.setup(), &honest.commitment, content).unwrap();
        let rho = KeccakTranscript::new(&statement.hash, Vec::<u8>::new()).squeeze_challenge().get_scalar();
        let (e, answers) = (Fr::random(OsRng), Salts::<1>::random(OsRng));
        let mut values: Vec<Fr> = (0..statement.first)
            .map(|row| {
                let powers = statement.powers(rho);
                e * powers.iter().zip(&statement.columns).map(|(power, column)| *power * column.get(row)).sum::<Fr>()
            })
            .collect();
        values.extend(answers.rows().iter().flatten());
        let left = commit_column(&honest.params.setup(), &Column::new(vec![Run::Scalars(values)])).unwrap();
        let folded = statement.powers(rho).into_iter().zip(honest.commitment.points());
        let right: G1 = folded.map(|(power, point)| *point * (e * power)).sum();
        let point = (G1::from(left) - right).to_affine();
        let mut bytes = point_to_words(point).unwrap().to_vec();
        answers.rows().iter().flatten().for_each(|answer| bytes.extend(scalar_to_word(*answer)));
        let forged = Disclosure::from_bytes(bytes.try_into().unwrap());
        assert!(!forged.shows(&honest.params.setup(), &honest.commitment, content));
    }
}

/// Points moved so that their sum under the old `rho` stays: `rho` follows from the points, so it moves as well.
#[test]
fn errors_of_two_columns_do_not_cancel() {
    let honest = Honest::new();
    let content = Content::Picture(&honest.image);
    let statement = Statement::new(&honest.params.setup(), &honest.commitment, content).unwrap();
    let rho = KeccakTranscript::new(&statement.hash, Vec::<u8>::new()).squeeze_challenge().get_scalar();
    let moved = G1::random(OsRng);
    let points = honest.commitment.points();
    let points =
        vec![(G1::from(points[0]) + moved * rho).to_affine(), (G1::from(points[1]) - moved).to_affine(), points[2]];
    let folded = |points: &[G1Affine]| -> G1 {
        statement.powers(rho).iter().zip(points).map(|(power, point)| *point * power).sum()
    };
    assert_eq!(folded(&points), folded(honest.commitment.points()), "the forgery is the one that is meant");
    let forged = Commitment::of_points(&PICTURE, &header(), points);
    assert!(!honest.disclosure.shows(&honest.params.setup(), &forged, content));
}

/// A generator in the same state twice: one nonce in two disclosures would give the salts away.
#[test]
fn a_generator_that_repeats_itself_does_not_repeat_nonces() {
    let (params, salts) = (params(), Salts::random(OsRng));
    let point = |image: &Raster, salts: &Salts| {
        let commitment = commit(&params, image, salts);
        let rng = StdRng::seed_from_u64(1);
        let disclosure = Disclosure::new(&params.setup(), &commitment, Content::Picture(image), salts, rng).unwrap();
        disclosure.as_bytes()[..POINT].to_vec()
    };
    let points = [point(&image(1), &salts), point(&image(2), &salts), point(&image(1), &Salts::random(OsRng))];
    assert!(points[0] != points[1] && points[0] != points[2] && points[1] != points[2]);
}

#[test]
fn no_salt_is_in_it() {
    let honest = Honest::new();
    let bytes = honest.disclosure.as_bytes();
    for salt in honest.salts.rows().iter().flatten() {
        let word = scalar_to_word(*salt);
        assert!(!bytes.windows(16).any(|part| word.windows(16).any(|piece| piece == part)));
    }
}

#[test]
fn what_does_not_fit_is_refused_before_work() {
    let honest = Honest::new();
    let wide = Raster::new(10, 10, vec![[1; 3]; 100]).unwrap();
    let made =
        Disclosure::new(&honest.params.setup(), &honest.commitment, Content::Picture(&wide), &honest.salts, OsRng);
    assert_eq!(made.unwrap_err(), DisclosureError::NotAnOpening);
    assert!(!honest.disclosure.shows(&honest.params.setup(), &honest.commitment, Content::Picture(&wide)));
    let one = Salts::<1>::random(OsRng);
    let made =
        Disclosure::new(&honest.params.setup(), &honest.commitment, Content::Picture(&honest.image), &one, OsRng);
    assert_eq!(made.unwrap_err(), DisclosureError::NotAnOpening);
}

/// The owner shows the same samples as a picture of the other size, or the same entries for another model: the columns are the same.
#[test]
fn the_content_is_of_the_commitments_size_and_architecture() {
    let honest = Honest::new();
    let turned = Raster::new(SIZE.1, SIZE.0, honest.image.pixels().to_vec()).unwrap();
    let content = Content::Picture(&turned);
    let setup = honest.params.setup();
    // by whoever leaves the comparison out
    let statement = Statement::of_columns(&setup, &honest.commitment, content).unwrap();
    let forged = Disclosure::of_statement(&setup, &statement, &honest.salts, OsRng).unwrap();
    assert!(!forged.shows(&setup, &honest.commitment, content));
    let refused = Disclosure::new(&setup, &honest.commitment, content, &honest.salts, OsRng);
    assert_eq!(refused.unwrap_err(), DisclosureError::NotAnOpening);

    let params = Points::new(9);
    let model = perceptron(3);
    let own = model.architecture();
    let mut others = own.clone();
    std::mem::swap(&mut others.width, &mut others.height);
    assert_ne!(own.hash(), others.hash());
    let (latent, salts) = (vec![1; own.latent as usize], Salts::<1>::random(OsRng));
    let header = Header { srs_id: [9; 32], k: 9, architecture: own.hash(), ..Header::default() };
    let columns = [committed::latent(own, &latent, &salts)];
    let commitment = Commitment::new(&params.setup(), &PROMPT, &header, &columns).unwrap();
    let content = Content::Latent(&others, &latent);
    let statement = Statement::of_columns(&params.setup(), &commitment, content).unwrap();
    let forged = Disclosure::of_statement(&params.setup(), &statement, &salts, OsRng).unwrap();
    assert!(!forged.shows(&params.setup(), &commitment, content));
}
