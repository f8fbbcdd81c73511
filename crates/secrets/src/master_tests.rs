use super::*;
use rand_core::OsRng;

/// The words of the bytes 0 to 31, as another implementation has them.
const WORDS_OF_COUNTING: &str = "abandon amount liar amount expire adjust cage candy arch gather drum bullet absurd math era live bid \
rhythm alien crouch range attend journey unaware";

fn counting() -> Master {
    Master::from_words(WORDS_OF_COUNTING).unwrap()
}

const SUBJECT: Subject = Subject { digest: [0x11; 32], setup: [0x22; 32], k: 19 };

#[test]
fn words_are_those_of_bip_39() {
    let master = counting();
    assert!(master.0.iter().copied().eq(0..32));
    assert_eq!(*master.words(), WORDS_OF_COUNTING);
    let typed = format!("  {}\n", WORDS_OF_COUNTING.to_uppercase().replace(' ', "\r\n\t"));
    assert_eq!(Master::from_words(&typed).unwrap().0, master.0);
    let fresh = Master::random(&mut OsRng);
    assert_eq!(Master::from_words(&fresh.words()).unwrap().0, fresh.0);
    assert_ne!(fresh.0, Master::random(&mut OsRng).0);
    assert_eq!(format!("{master:?}"), "Master(secret)");
}

#[test]
fn wrong_words_are_told_by_their_place() {
    let problem = |words: &str| match Master::from_words(words).unwrap_err() {
        SecretError::Words { problem } => {
            assert!(!problem.contains("amount") && !problem.contains("vielmark"), "{problem}");
            problem
        }
        error => panic!("{error}"),
    };
    assert!(problem(&WORDS_OF_COUNTING.replacen("liar", "vielmark", 1)).contains("word 3"));
    assert!(problem(&WORDS_OF_COUNTING.replacen("abandon amount", "amount abandon", 1)).contains("order"));
    assert!(problem(WORDS_OF_COUNTING.split_once(' ').unwrap().1).contains("23 of 24"));
    assert!(problem(&"abandon ".repeat(1_000_000)).contains("more than 24"));
    assert!(problem("").contains("0 of 24"));
    assert!(problem(&"\u{1f4a9} ".repeat(24)).contains("word 1"));
}

/// Computed by another program from the formula in the header (Python's `hmac`).
#[test]
fn seeds_are_those_of_the_formula() {
    for (purpose, machine, seed) in [
        (Purpose::Opening, "first", "dec0827fed0eb2a93fb7e146b88c50c34011479ea6bdab6493b12747ae1134bb"),
        (Purpose::Latent, "first", "93af144d9411b16546ede73174d117b1ad9ab4eeaf0f376b748091c269efedab"),
        (Purpose::Fingerprint, "", "669121bfd210df04baf33f9312fa43464cf41ff4567e16b05e0bf3fe3bec9718"),
        (Purpose::Seal, "", "df3337498eb8ff07b22cd1d3a8a4684ee775ea094ad5df5efb8760062a85233d"),
    ] {
        assert_eq!(hex::encode(*counting().seed(purpose, machine, &SUBJECT, 7)), seed, "{purpose:?}");
    }
}

/// Whatever differs gives another seed: so no leak of one is one of another.
#[test]
fn everything_that_enters_counts() {
    let master = counting();
    let mut seeds = vec![master.seed(Purpose::Opening, "first", &SUBJECT, 0)];
    for purpose in [Purpose::Latent, Purpose::Fingerprint, Purpose::Seal, Purpose::OpeningsTaken, Purpose::LatentsTaken]
    {
        seeds.push(master.seed(purpose, "first", &SUBJECT, 0));
    }
    for machine in ["", "firs", "first ", "second"] {
        seeds.push(master.seed(Purpose::Opening, machine, &SUBJECT, 0));
    }
    for subject in [
        Subject { digest: [0x12; 32], ..SUBJECT },
        Subject { setup: [0x21; 32], ..SUBJECT },
        Subject { k: 20, ..SUBJECT },
    ] {
        seeds.push(master.seed(Purpose::Opening, "first", &subject, 0));
    }
    seeds.push(master.seed(Purpose::Opening, "first", &SUBJECT, 1));
    seeds.push(Master::random(&mut OsRng).seed(Purpose::Opening, "first", &SUBJECT, 0));
    // the border between purpose and machine cannot be moved
    seeds.push(master.seed(Purpose::OpeningsTaken, "", &SUBJECT, 0));
    for (at, seed) in seeds.iter().enumerate() {
        assert!(!seeds[..at].contains(seed), "seed {at}");
    }
}
