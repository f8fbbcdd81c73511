//! The part of OpenZeppelin's `Ownable2Step` that the router has beside its own interface.

#![allow(missing_docs, missing_debug_implementations, clippy::all)]

alloy_sol_types::sol! {
    #![sol(all_derives)]
    interface IOwnable {
        event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
    }
}
