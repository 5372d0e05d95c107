// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Registry of interventions with players of gambling operators
/// @notice Proves when an operator decided what about a pseudonym. A record holds no personal data: pseudonym, id and
/// restrictions are keyed hashes, whose key the operator keeps and may destroy.
/// @dev Storage keeps a commitment to each record and the latest level of each pseudonym; the record itself is in the
/// event, which costs a tenth of storage. No function calls another contract, takes ether or deletes anything.
contract InterventionRegistry {
    /// @param id names the record among the operator's
    /// @param pseudonym stands for the player
    /// @param restrictions keyed hash of the restrictions that hold
    /// @param auditHash hash of the entry of the operator's audit log
    /// @param sequence counts the player's interventions from 1: the highest is what holds
    /// @param time when it was decided, in seconds since 1970
    /// @param level of the intervention, 0 for none
    struct Intervention {
        bytes32 id;
        bytes32 pseudonym;
        bytes32 restrictions;
        bytes32 auditHash;
        uint64 sequence;
        uint64 time;
        uint8 level;
    }

    /// @param sequence of the latest intervention, 0 where there is none
    struct Latest {
        uint64 sequence;
        uint64 time;
        uint8 level;
    }

    event Recorded(
        bytes32 indexed operator,
        bytes32 indexed pseudonym,
        bytes32 indexed id,
        bytes32 restrictions,
        bytes32 auditHash,
        uint64 sequence,
        uint64 time,
        uint8 level
    );
    event SignerChanged(bytes32 indexed operator, address indexed signer, bool allowed);
    event OwnershipOffered(address indexed owner, address indexed candidate);
    event OwnershipTaken(address indexed before, address indexed owner);

    error NotTheOwner(address caller);
    error NotTheCandidate(address caller);
    error NotASigner(bytes32 operator, address caller);
    /// @notice The operator has recorded something else under this id.
    error RecordedOtherwise(bytes32 operator, bytes32 id);
    error WithoutSequence(bytes32 id);

    /// @notice The block that the contract came with: no event is older.
    uint256 public immutable since = block.number;
    /// @notice Registers signers; writes no records.
    address public owner;
    /// @notice May take the ownership that it was offered.
    address public candidate;
    /// @notice Tells whether an address may write records of an operator.
    mapping(bytes32 operator => mapping(address signer => bool)) public isSigner;
    /// @notice The latest intervention of an operator with a pseudonym.
    mapping(bytes32 operator => mapping(bytes32 pseudonym => Latest)) public latest;
    mapping(bytes32 operator => mapping(bytes32 id => bytes32)) private commitments;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotTheOwner(msg.sender);
        _;
    }

    modifier onlySigner(bytes32 operator) {
        if (!isSigner[operator][msg.sender]) revert NotASigner(operator, msg.sender);
        _;
    }

    constructor() {
        owner = msg.sender;
        emit OwnershipTaken(address(0), msg.sender);
    }

    /// @notice Writes a record. Does nothing when it was written before.
    function record(bytes32 operator, Intervention calldata intervention) external onlySigner(operator) {
        write(operator, intervention);
    }

    /// @notice Writes records, or none of them when one is refused. Those that were written before change nothing.
    function recordMany(bytes32 operator, Intervention[] calldata interventions) external onlySigner(operator) {
        for (uint256 each = 0; each < interventions.length; ++each) write(operator, interventions[each]);
    }

    /// @notice Tells what the operator committed to under each id: `commitmentOf` its record, or zero.
    function commitmentsOf(bytes32 operator, bytes32[] calldata ids) external view returns (bytes32[] memory found) {
        found = new bytes32[](ids.length);
        for (uint256 each = 0; each < ids.length; ++each) found[each] = commitments[operator][ids[each]];
    }

    /// @notice Hashes a record: its ABI encoding by keccak256.
    function commitmentOf(Intervention calldata intervention) public pure returns (bytes32) {
        return keccak256(abi.encode(intervention));
    }

    /// @notice Lets an address write records of an operator, or stops it. Two at once may, while one takes over.
    function setSigner(bytes32 operator, address signer, bool allowed) external onlyOwner {
        isSigner[operator][signer] = allowed;
        emit SignerChanged(operator, signer, allowed);
    }

    /// @notice Offers the ownership; it passes once the candidate takes it, so that none is lost to a wrong address.
    function offerOwnership(address to) external onlyOwner {
        candidate = to;
        emit OwnershipOffered(msg.sender, to);
    }

    function takeOwnership() external {
        if (msg.sender != candidate) revert NotTheCandidate(msg.sender);
        emit OwnershipTaken(owner, msg.sender);
        owner = msg.sender;
        candidate = address(0);
    }

    function write(bytes32 operator, Intervention calldata intervention) private {
        bytes32 id = intervention.id;
        bytes32 commitment = commitmentOf(intervention);
        bytes32 before = commitments[operator][id];
        if (before == commitment) return;
        if (before != 0) revert RecordedOtherwise(operator, id);
        if (intervention.sequence == 0) revert WithoutSequence(id);
        commitments[operator][id] = commitment;
        // One that comes late is kept, and supersedes nothing: so the order in which they come does not matter.
        Latest storage held = latest[operator][intervention.pseudonym];
        if (intervention.sequence > held.sequence) {
            latest[operator][intervention.pseudonym] =
                Latest(intervention.sequence, intervention.time, intervention.level);
        }
        emit Recorded(
            operator,
            intervention.pseudonym,
            id,
            intervention.restrictions,
            intervention.auditHash,
            intervention.sequence,
            intervention.time,
            intervention.level
        );
    }
}
