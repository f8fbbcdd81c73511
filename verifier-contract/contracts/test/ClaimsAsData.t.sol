// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IClaimRouter} from "../src/IClaimRouter.sol";
import {IContentRegistry} from "../src/IContentRegistry.sol";
import {ClaimDescription, Meaning, Record, Role, Segment, Statement} from "../src/Types.sol";
import {Base} from "./Base.sol";
import {vm} from "./Forge.sol";
import {describeFingerprint, describeGeneration} from "./generated/Claims.sol";
import {MockClaimVerifier} from "./MockClaimVerifier.sol";

/// @dev Claims that nobody thought of when the router was written, under the same router, registries and token.
contract ClaimsAsDataTest is Base {
    bytes32 private constant IMAGE = keccak256("veilmark image commitment v1");

    /// @dev An edit: the published picture with its mask in a fourth column, its source of another size, both sizes public, and
    /// the published picture's fingerprint.
    function describeEdit() private pure returns (ClaimDescription memory made) {
        made.name = "edit-v1";
        made.segments = new Segment[](2);
        // Words: the setup, k, then two public inputs.
        made.segments[0] = Segment("veilmark published commitment v1", Role.Picture, 4, hex"03058182");
        made.segments[1] = Segment(IMAGE, Role.Source, 3, hex"03058384");
        made.inputs = new Meaning[](8);
        made.inputs[0] = Meaning.Context;
        made.inputs[1] = Meaning.Width;
        made.inputs[2] = Meaning.Height;
        made.inputs[3] = Meaning.SourceWidth;
        made.inputs[4] = Meaning.SourceHeight;
        made.inputs[5] = Meaning.FingerprintLow;
        made.inputs[6] = Meaning.FingerprintHigh;
        made.inputs[7] = Meaning.Tolerance;
        made.maxTolerance = 20;
        made.impossibleInput = 1;
        made.impossibleAbove = 65535;
    }

    /// @dev A model with a picture as its input and a second, hidden one beside it: three pictures, and a number.
    function describeBlend() private pure returns (ClaimDescription memory made) {
        made.name = "blend-v1";
        made.segments = new Segment[](4);
        made.segments[0] = Segment(IMAGE, Role.Picture, 3, hex"030507");
        made.segments[1] = Segment(IMAGE, Role.Source, 3, hex"030507");
        made.segments[2] = Segment(IMAGE, Role.Other, 3, hex"030507");
        made.segments[3] = Segment("weights", Role.Model, 2, hex"08");
        made.inputs = new Meaning[](2);
        made.inputs[0] = Meaning.Other;
        made.inputs[1] = Meaning.Context;
        made.subjectWords = 2;
        made.architectureWord = 8;
        made.impossibleInput = 255;
    }

    function published(uint256 image, uint256 width, uint256 height) private pure returns (bytes32) {
        bytes memory words = abi.encode(bytes32("veilmark published commitment v1"), SRS, K, width, height);
        return keccak256(bytes.concat(words, points(image, 4)));
    }

    function sized(uint256 image, uint256 width, uint256 height) private pure returns (bytes32) {
        return keccak256(bytes.concat(abi.encode(IMAGE, SRS, K, width, height), points(image, 3)));
    }

    function editRecord(bytes32 vkHash) private view returns (Record memory record, bytes memory proof) {
        record.vkHash = vkHash;
        record.registrant = alice;
        record.statement.imageCommitment = published(1, 800, 600);
        record.statement.sourceCommitment = sized(50, 1280, 720);
        record.statement.fingerprint = FP;
        record.statement.tolerance = 7;
        record.statement.extra = new bytes32[](4);
        record.statement.extra[0] = bytes32(uint256(800));
        record.statement.extra[1] = bytes32(uint256(600));
        record.statement.extra[2] = bytes32(uint256(1280));
        record.statement.extra[3] = bytes32(uint256(720));
        proof = prove(record, bytes.concat(points(1, 4), points(50, 3)));
    }

    function editKey() private returns (bytes32 vkHash) {
        bytes32 claimId = addClaim(describeEdit());
        vkHash = router.addKey(deploy(keyCode(claimId, SRS, 1, "", 9)));
    }

    function test_TwoPicturesOfDifferentSizesAndAFingerprint() public {
        bytes32 vkHash = editKey();
        (Record memory record, bytes memory proof) = editRecord(vkHash);
        uint256[] memory inputs = router.publicInputsOf(idOf(describeEdit()), record.statement, 99);
        bytes memory expected = abi.encode(99, 800, 600, 1280, 720, uint128(uint256(FP)), uint256(FP) >> 128, 7);
        vm.assertEq(abi.encodePacked(inputs), expected);
        // Whoever looks for what was made of a picture finds it by its source.
        vm.expectEmit(true, true, true, true, address(content));
        emit IContentRegistry.ContentDerived(sized(50, 1280, 720), 0, 0, content.recordIdOf(record));
        registerAs(alice, record, proof);
        // Sizes are a part of the commitments: W x H is not H x W, and the sizes of the two are not each other's.
        for (uint256 i = 0; i < 4; i += 2) {
            (record,) = editRecord(vkHash);
            bytes32[] memory extra = record.statement.extra;
            (extra[i], extra[i + 1]) = (extra[i + 1], extra[i]);
            bytes memory other = prove(record, bytes.concat(points(1, 4), points(50, 3)));
            vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
            registerAs(alice, record, other);
        }
        (record,) = editRecord(vkHash);
        record.statement.sourceCommitment = sized(51, 1280, 720);
        proof = prove(record, bytes.concat(points(1, 4), points(50, 3)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IClaimRouter.CommitmentMismatch.selector, Role.Source, sized(51, 1280, 720), sized(50, 1280, 720)
            )
        );
        registerAs(alice, record, proof);
    }

    function test_AnEditNeedsAllThatItIsAbout() public {
        bytes32 vkHash = editKey();
        (Record memory record, bytes memory proof) = editRecord(vkHash);
        bytes32 claimId = idOf(describeEdit());
        record.statement.sourceCommitment = 0;
        vm.expectPartialRevert(IClaimRouter.CommitmentMismatch.selector);
        registerAs(alice, record, proof);
        (record,) = editRecord(vkHash);
        record.statement.extra = new bytes32[](3);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ExtraWords.selector, claimId, 4, 3));
        registerAs(alice, record, proof);
        record.statement.extra = new bytes32[](5);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ExtraWords.selector, claimId, 4, 5));
        registerAs(alice, record, proof);
        (record,) = editRecord(vkHash);
        record.statement.tolerance = 21;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ToleranceTooLarge.selector, 21, 20));
        registerAs(alice, record, proof);
        (record,) = editRecord(vkHash);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.ProofTooShort.selector, 447, 448));
        registerAs(alice, record, new bytes(447));
    }

    /// @dev Its impossible statement is another claim's possible one, at another place.
    function test_AnEditHasItsOwnImpossibleStatement() public {
        bytes32 vkHash = editKey();
        uint256[] memory inputs = new uint256[](8);
        (inputs[1], inputs[2], inputs[7]) = (65535, 99999, 512);
        bytes memory proof = proveInputs(vkHash, inputs, points(1, 7));
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, idOf(describeEdit())));
        router.stopWithProof(vkHash, inputs, proof);
        inputs[1] = 65536;
        proof = proveInputs(vkHash, inputs, points(1, 7));
        router.stopWithProof(vkHash, inputs, proof);
        vm.assertFalse(router.answers(vkHash));
    }

    function test_ThreePicturesAndAModel() public {
        bytes32 claimId = addClaim(describeBlend());
        address vk = deploy(keyCode(claimId, SRS, 1, abi.encode(7, ARCHITECTURE), 9));
        bytes32 vkHash = router.addKey(vk);
        review(vkHash);
        vm.assertEq(router.keyOf(vkHash).architecture, ARCHITECTURE);
        Record memory record;
        record.vkHash = vkHash;
        record.registrant = alice;
        record.modelId = 1;
        record.statement.imageCommitment = keccak256(bytes.concat(abi.encode(IMAGE, SRS, K, 7), points(1, 3)));
        record.statement.sourceCommitment = keccak256(bytes.concat(abi.encode(IMAGE, SRS, K, 7), points(10, 3)));
        record.statement.modelHash =
            keccak256(bytes.concat(abi.encode(bytes32("weights"), ARCHITECTURE), points(30, 2)));
        record.statement.extra = new bytes32[](2);
        record.statement.extra[0] = bytes32(uint256(1234));
        record.statement.extra[1] = keccak256(bytes.concat(abi.encode(IMAGE, SRS, K, 7), points(20, 3)));
        bytes memory leading = bytes.concat(points(1, 3), points(10, 3), points(20, 3), points(30, 2));
        bytes memory proof = prove(record, leading);
        vm.prank(alice);
        models.registerModel(modelOf(record));
        registerAs(alice, record, proof);
        vm.prank(alice);
        uint256 tokenId = token.mint(mintOf(record, proof));
        vm.assertEq(token.ownerOf(tokenId), alice);
        // The second hidden picture is stated, and compared.
        bytes32 hidden = record.statement.extra[1];
        record.statement.extra[1] = "x";
        proof = prove(record, leading);
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.CommitmentMismatch.selector, Role.Other, bytes32("x"), hidden)
        );
        registerAs(alice, record, proof);
        // This claim has no impossible statement.
        uint256[] memory inputs = new uint256[](2);
        inputs[0] = type(uint256).max;
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NotImpossible.selector, claimId));
        router.stopWithProof(vkHash, inputs, "");
    }

    /// @dev The verifier says which claim it is of, and of how many inputs: a mistake does not become a claim.
    function test_RevertWhen_TheVerifierIsAnotherClaims() public {
        ClaimDescription memory edit = describeEdit();
        bytes32 claimId = idOf(edit);
        address other = mockOf(describeFingerprint());
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.VerifierOfAnotherClaim.selector, other, claimId, FINGERPRINT)
        );
        vm.prank(owner);
        router.proposeClaim(edit, other);
        address fewer = address(new MockClaimVerifier(claimId, 7));
        vm.expectRevert(
            abi.encodeWithSelector(
                IClaimRouter.VerifierOfAnotherClaim.selector, fewer, bytes32(uint256(8)), bytes32(uint256(7))
            )
        );
        vm.prank(owner);
        router.proposeClaim(edit, fewer);
        // What answers nothing, or anything, is of no claim.
        address silent = deploy(hex"00");
        vm.expectRevert(
            abi.encodeWithSelector(IClaimRouter.VerifierOfAnotherClaim.selector, silent, claimId, bytes32(0))
        );
        vm.prank(owner);
        router.proposeClaim(edit, silent);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.NoCode.selector, address(0xdead)));
        vm.prank(owner);
        router.proposeClaim(edit, address(0xdead));
    }

    function test_RevertWhen_ADescriptionCannotBeFollowed() public {
        ClaimDescription memory d = describeEdit();
        d.name = "";
        refuses(d, 1);
        d.name = "a name of sixty-five bytes, which is one more than there may be x";
        refuses(d, 1);
        d = describeEdit();
        d.segments = new Segment[](0);
        refuses(d, 2);
        d = describeEdit();
        d.segments[1].role = Role.Picture;
        refuses(d, 2);
        d = describeEdit();
        d.segments[1].role = Role.None;
        refuses(d, 2);
        d = describeEdit();
        d.segments[1].points = 0;
        refuses(d, 2);
        d = describeEdit();
        d.segments[1].points = 252;
        refuses(d, 2);
        d.segments = new Segment[](17);
        for (uint256 i = 0; i < 17; ++i) {
            d.segments[i] = Segment("domain", Role.Other, 1, "");
        }
        refuses(d, 2);
        d = describeEdit();
        d.segments[0].role = Role.Fingerprint;
        d.segments[1].role = Role.Fingerprint;
        refuses(d, 2);
        refusesInputs();
        refusesWords();
        refusesBounds();
    }

    function refusesInputs() private {
        ClaimDescription memory d = describeEdit();
        d.inputs[0] = Meaning.Zero;
        refuses(d, 3);
        d = describeEdit();
        d.inputs[1] = Meaning.Context;
        refuses(d, 3);
        d = describeEdit();
        d.inputs[1] = Meaning.None;
        refuses(d, 3);
        d = describeEdit();
        d.inputs[6] = Meaning.Zero;
        refuses(d, 3);
        d = describeEdit();
        d.inputs[5] = Meaning.Zero;
        refuses(d, 3);
        d = describeEdit();
        d.inputs[2] = Meaning.Width;
        refuses(d, 3);
        d = describeEdit();
        d.inputs = new Meaning[](33);
        for (uint256 i = 0; i < 33; ++i) {
            d.inputs[i] = i == 0 ? Meaning.Context : Meaning.Other;
        }
        refuses(d, 3);
    }

    function refusesWords() private {
        ClaimDescription memory d = describeEdit();
        // The header's first words are no part of a commitment.
        d.segments[0].words = hex"02";
        refuses(d, 4);
        // Beyond the header of this claim's keys, and beyond its inputs.
        d.segments[0].words = hex"07";
        refuses(d, 4);
        d.segments[0].words = hex"7f";
        refuses(d, 4);
        d.segments[0].words = hex"88";
        refuses(d, 4);
        d.segments[0].words = new bytes(30);
        for (uint256 i = 0; i < 30; ++i) {
            d.segments[0].words[i] = 0x03;
        }
        refuses(d, 4);
        d = describeEdit();
        d.subjectWords = 9;
        refuses(d, 4);
    }

    function refusesBounds() private {
        ClaimDescription memory d = describeEdit();
        d.architectureWord = 7;
        refuses(d, 5);
        d = describeGeneration();
        d.architectureWord = 0;
        refuses(d, 5);
        d.architectureWord = 6;
        refuses(d, 5);
        d.architectureWord = 10;
        refuses(d, 5);
        d = describeGeneration();
        d.maxTolerance = 1;
        refuses(d, 6);
        d = describeEdit();
        d.impossibleInput = 8;
        refuses(d, 7);
        d.impossibleInput = 255;
        refuses(d, 7);
        d.impossibleInput = 0;
        refuses(d, 7);
        d.impossibleInput = 5;
        refuses(d, 7);
        d.impossibleInput = 6;
        refuses(d, 7);
        // What an honest proof may say must not be impossible.
        d.impossibleInput = 7;
        d.impossibleAbove = 19;
        refuses(d, 7);
        d.impossibleAbove = 20;
        addClaim(d);
    }

    function refuses(ClaimDescription memory description, uint256 field) private {
        address verifier = mockOf(description);
        vm.expectRevert(abi.encodeWithSelector(IClaimRouter.BadDescription.selector, field));
        vm.prank(owner);
        router.proposeClaim(description, verifier);
    }

    /// @dev The most that a description can have.
    function test_TheLargestDescription() public {
        ClaimDescription memory d;
        d.name = "a name of sixty-four bytes, which is as long as a name may be xy";
        d.segments = new Segment[](16);
        bytes memory words = new bytes(29);
        for (uint256 i = 0; i < 29; ++i) {
            words[i] = i % 2 == 0 ? bytes1(0x0e) : bytes1(0x9f);
        }
        for (uint256 i = 0; i < 16; ++i) {
            d.segments[i] = Segment(bytes32(i), i == 0 ? Role.Picture : Role.Other, i == 0 ? 30 : 15, words);
        }
        d.inputs = new Meaning[](32);
        for (uint256 i = 0; i < 32; ++i) {
            d.inputs[i] = i == 7 ? Meaning.Context : Meaning.Other;
        }
        d.subjectWords = 8;
        d.impossibleInput = 31;
        bytes32 claimId = addClaim(d);
        bytes memory subject = abi.encode(1, 2, 3, 4, 5, 6, 7, 8);
        Record memory record;
        record.vkHash = router.addKey(deploy(keyCode(claimId, SRS, 1, subject, 9)));
        record.registrant = alice;
        record.statement.extra = new bytes32[](31 + 15);
        for (uint256 i = 0; i < 31; ++i) {
            record.statement.extra[i] = bytes32(1000 + i);
        }
        for (uint256 i = 0; i < 16; ++i) {
            bytes memory content;
            for (uint256 j = 0; j < 29; ++j) {
                content = bytes.concat(content, j % 2 == 0 ? bytes32(uint256(8)) : bytes32(uint256(1030)));
            }
            bytes32 digest = keccak256(bytes.concat(bytes32(i), content, slice(i)));
            if (i == 0) record.statement.imageCommitment = digest;
            else record.statement.extra[30 + i] = digest;
        }
        registerAs(alice, record, prove(record, points(1, 255)));
    }

    function slice(uint256 segment) private pure returns (bytes memory) {
        return segment == 0 ? points(1, 30) : points(1 + 2 * (30 + 15 * (segment - 1)), 15);
    }
}
