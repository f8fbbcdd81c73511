// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

import {proofContext} from "../../src/Context.sol";
import {IClaimRouter} from "../../src/IClaimRouter.sol";
import {IContentRegistry} from "../../src/IContentRegistry.sol";
import {IModelRegistry} from "../../src/IModelRegistry.sol";
import {Record} from "../../src/Types.sol";

/// @title An example: a market for pictures of one model, whose sellers prove that they hold what they sell
/// @notice An offer takes two things about one picture. A record in the content registry, which says who proved what, and when. And a
/// proof of the same statement that is bound to this market: `veilmark prove --chain-id N --registry MARKET --registrant SELLER`
/// makes it from the opening that only the seller has. Whoever copies it out of the mempool, or out of another market, has
/// nothing: the context is another there.
/// @dev To read and to begin from, not to deploy as it is. docs/contracts.md has the list of what it checks, line by line.
contract Marketplace {
    /// @notice What is for sale.
    struct Offer {
        address seller;
        uint256 price;
    }

    /// @notice Found by `veilmark contracts verify`, and compared there with what its address has to be.
    IContentRegistry public immutable REGISTRY;
    /// @notice What has to be proved: a claim's id means the same on every chain.
    bytes32 public immutable CLAIM_ID;
    /// @notice Whose word for a model counts here: anyone registers any model's hash, and owns that registration.
    address public immutable MODEL_OWNER;
    IClaimRouter private immutable ROUTER;
    IModelRegistry private immutable MODELS;

    /// @notice Offers, by the id of the record.
    mapping(bytes32 recordId => Offer) public offers;
    /// @notice What sellers may withdraw.
    mapping(address seller => uint256) public credit;

    event Offered(bytes32 indexed recordId, address indexed seller, uint256 price);
    event Sold(bytes32 indexed recordId, address indexed seller, address indexed buyer, uint256 price);

    /// @notice The record does not count (any more): `IContentRegistry.Status`.
    error DoesNotCount(bytes32 recordId, IContentRegistry.Status status);
    /// @notice Something else was proved.
    error OtherClaim(bytes32 expected, bytes32 got);
    /// @notice Someone knows the secret of the key's setup, and can prove anything under it.
    error UnsafeKey(bytes32 vkHash);
    /// @notice The record is of a registration of the model that is another's.
    error OtherModelOwner(address expected, address got);
    /// @notice Only the record's registrant sells.
    error NotSeller(address registrant, address caller);
    /// @notice There is no such offer, or not at this price.
    error NoOffer(bytes32 recordId, uint256 price);
    error WithdrawalFailed();

    constructor(IContentRegistry registry, bytes32 claimId, address modelOwner) {
        REGISTRY = registry;
        CLAIM_ID = claimId;
        MODEL_OWNER = modelOwner;
        // of the registry, never of a caller: whoever names the router names what is true
        ROUTER = IClaimRouter(registry.router());
        MODELS = IModelRegistry(registry.models());
    }

    /// @notice Offers a picture.
    /// @param record As it was registered.
    /// @param proof Of the record's statement, bound to this market and the caller.
    /// @param price In wei.
    function offer(Record calldata record, bytes calldata proof, uint256 price) external returns (bytes32 recordId) {
        if (record.registrant != msg.sender) revert NotSeller(record.registrant, msg.sender);
        recordId = requireCounts(record);
        // It returns or reverts: there is no answer to forget.
        ROUTER.verify(record.vkHash, record.statement, contextOf(msg.sender), false, proof);
        offers[recordId] = Offer(msg.sender, price);
        emit Offered(recordId, msg.sender, price);
    }

    /// @notice Buys it. What counted when it was offered may have been revoked, or its key may have ended: it is asked again.
    function buy(Record calldata record) external payable {
        bytes32 recordId = requireCounts(record);
        Offer memory found = offers[recordId];
        if (found.seller == address(0) || found.price != msg.value) revert NoOffer(recordId, msg.value);
        delete offers[recordId];
        credit[found.seller] += msg.value;
        emit Sold(recordId, found.seller, msg.sender, msg.value);
    }

    /// @notice Pays a seller.
    function withdraw() external {
        uint256 amount = credit[msg.sender];
        credit[msg.sender] = 0;
        (bool paid,) = msg.sender.call{value: amount}("");
        if (!paid) revert WithdrawalFailed();
    }

    /// @notice What a proof for this market carries: `veilmark prove --chain-id N --registry MARKET --registrant SELLER`.
    function contextOf(address seller) public view returns (uint256) {
        return proofContext(address(this), seller);
    }

    /// @notice Reverts unless a record counts here; its id otherwise.
    function requireCounts(Record calldata record) public view returns (bytes32 recordId) {
        recordId = REGISTRY.recordIdOf(record);
        // reverts where it was never registered: so whatever the caller says of it was proved
        (, IContentRegistry.Status status) = REGISTRY.read(record);
        if (status != IContentRegistry.Status.Valid) revert DoesNotCount(recordId, status);
        IClaimRouter.Key memory key = ROUTER.keyOf(record.vkHash);
        if (key.claimId != CLAIM_ID) revert OtherClaim(CLAIM_ID, key.claimId);
        if (key.unsafeDevelopment) revert UnsafeKey(record.vkHash);
        (,, address owner) = MODELS.getModel(record.modelId);
        if (owner != MODEL_OWNER) revert OtherModelOwner(MODEL_OWNER, owner);
    }
}
