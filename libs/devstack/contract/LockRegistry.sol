// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Locks and the signatures that their owners have revoked. A revocation is final.
contract LockRegistry {
    uint256 public constant MAX_REVOCATIONS_PER_LOCK = 1000;

    address public immutable registryOwner;
    bool public paused;
    uint256 public lockCount;

    mapping(uint256 lockId => address) public lockOwner;
    mapping(uint256 lockId => mapping(bytes32 signatureHash => bool)) public revokedSignatures;
    mapping(uint256 lockId => uint256) private revocationCount;

    event RegistryCreated(address indexed owner);
    event LockRegistered(uint256 indexed lockId, address indexed owner, bytes publicKey);
    event SignatureRevoked(uint256 indexed lockId, bytes32 indexed signatureHash, address indexed owner);
    event Paused(address indexed by);
    event Unpaused(address indexed by);

    error NotRegistryOwner();
    error NotLockOwner(uint256 lockId);
    error EmptyPublicKey();
    error EmptySignature();
    error EmptyBatch();
    error AlreadyRevoked(uint256 lockId, bytes32 signatureHash);
    error TooManyRevocations(uint256 lockId);
    error IsPaused();
    error IsNotPaused();

    modifier onlyRegistryOwner() {
        if (msg.sender != registryOwner) revert NotRegistryOwner();
        _;
    }

    modifier onlyLockOwner(uint256 lockId) {
        if (msg.sender != lockOwner[lockId]) revert NotLockOwner(lockId);
        _;
    }

    modifier whenNotPaused() {
        if (paused) revert IsPaused();
        _;
    }

    constructor() {
        registryOwner = msg.sender;
        emit RegistryCreated(msg.sender);
    }

    /// Locks are numbered from 1; the caller becomes the owner.
    function registerLock(bytes calldata publicKey) external whenNotPaused returns (uint256 lockId) {
        if (publicKey.length == 0) revert EmptyPublicKey();
        lockId = ++lockCount;
        lockOwner[lockId] = msg.sender;
        emit LockRegistered(lockId, msg.sender, publicKey);
    }

    function revokeSignature(uint256 lockId, string calldata signature) external whenNotPaused onlyLockOwner(lockId) {
        _revoke(lockId, signature);
    }

    /// All or nothing: one signature that cannot be revoked reverts the batch.
    function batchRevokeSignatures(
        uint256 lockId,
        string[] calldata signatures
    ) external whenNotPaused onlyLockOwner(lockId) {
        if (signatures.length == 0) revert EmptyBatch();
        for (uint256 i = 0; i < signatures.length; ++i) {
            _revoke(lockId, signatures[i]);
        }
    }

    function isSignatureRevoked(uint256 lockId, string calldata signature) external view returns (bool) {
        return revokedSignatures[lockId][keccak256(bytes(signature))];
    }

    function getRevokedSignatureCount(uint256 lockId) external view returns (uint256) {
        return revocationCount[lockId];
    }

    function pause() external onlyRegistryOwner {
        if (paused) revert IsPaused();
        paused = true;
        emit Paused(msg.sender);
    }

    function unpause() external onlyRegistryOwner {
        if (!paused) revert IsNotPaused();
        paused = false;
        emit Unpaused(msg.sender);
    }

    function _revoke(uint256 lockId, string calldata signature) private {
        if (bytes(signature).length == 0) revert EmptySignature();
        bytes32 signatureHash = keccak256(bytes(signature));
        if (revokedSignatures[lockId][signatureHash]) revert AlreadyRevoked(lockId, signatureHash);
        if (revocationCount[lockId] >= MAX_REVOCATIONS_PER_LOCK) revert TooManyRevocations(lockId);
        revokedSignatures[lockId][signatureHash] = true;
        ++revocationCount[lockId];
        emit SignatureRevoked(lockId, signatureHash, msg.sender);
    }
}
