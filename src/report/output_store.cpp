#include "report/output_store.hpp"

#include <algorithm>
#include <unordered_map>

#include "report/spill_file.hpp"

namespace herder::report {
namespace {

// Blocks with the same hash that are compared before a new one is stored without more looking: bounds what a host that makes
// collisions on purpose can cost.
constexpr std::size_t compared_blocks = 8;

std::size_t mix(std::size_t seed, std::size_t value) { return (seed ^ (value + 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL; }

struct Block {
  std::size_t hash = 0;
  std::uint32_t users = 0;
};

struct Finished {
  std::vector<std::uint32_t> blocks;
  std::string rest;             // in memory, or
  std::uint64_t rest_at = 0;    // in the file, when rest_in_file
  std::uint32_t rest_size = 0;
  bool rest_in_file = false;
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;
  std::size_t hash = 0;
  std::uint32_t users = 0;
};

}  // namespace

struct OutputStore::State {
  StoreLimits limits;
  SpillFile file;
  std::optional<Error> failure;

  // Slot n of the file holds block n, or packed rests.
  std::vector<Block> blocks;
  std::vector<std::uint32_t> free_blocks;
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash;

  std::vector<Finished> outputs;  // [0] is the empty one
  std::vector<OutputId> free_outputs;
  std::unordered_multimap<std::size_t, OutputId> outputs_by_hash;
  std::size_t memory = 0;
  std::uint64_t pack_at = 0;    // where the next rest goes
  std::size_t pack_left = 0;
  mutable std::string buffer;   // one block, for comparing and reading

  explicit State(StoreLimits given) : limits(std::move(given)), file(limits.directory), outputs(1), buffer(block_bytes, '\0') {}

  static std::uint64_t offset_of(std::uint32_t block) { return std::uint64_t{block} * block_bytes; }

  std::uint32_t new_slot() {
    if (!free_blocks.empty()) {
      const std::uint32_t slot = free_blocks.back();
      free_blocks.pop_back();
      return slot;
    }
    blocks.emplace_back();
    return static_cast<std::uint32_t>(blocks.size() - 1);
  }

  std::optional<std::uint32_t> known_block(std::size_t hash, std::string_view bytes) {
    auto [at, end] = by_hash.equal_range(hash);
    for (std::size_t tries = 0; at != end && tries < compared_blocks; ++at, ++tries)
      if (file.read(offset_of(at->second), buffer.data(), block_bytes) && buffer == bytes) return at->second;
    return std::nullopt;
  }

  std::optional<std::uint32_t> keep_block(std::string_view bytes) {
    const std::size_t hash = std::hash<std::string_view>{}(bytes);
    if (const auto known = known_block(hash, bytes)) {
      ++blocks[*known].users;
      return known;
    }
    const std::uint32_t slot = new_slot();
    if (auto written = file.write(offset_of(slot), bytes); !written) {
      free_blocks.push_back(slot);
      if (!failure) failure = std::move(written).error();
      return std::nullopt;
    }
    blocks[slot] = {hash, 1};
    by_hash.emplace(hash, slot);
    return slot;
  }

  void drop_blocks(const std::vector<std::uint32_t>& gone) {
    for (const std::uint32_t slot : gone) {
      if (--blocks[slot].users > 0) continue;
      for (auto [at, end] = by_hash.equal_range(blocks[slot].hash); at != end; ++at)
        if (at->second == slot) {
          by_hash.erase(at);
          break;
        }
      free_blocks.push_back(slot);
    }
  }

  [[nodiscard]] std::string rest_of(const Finished& output) const {
    if (!output.rest_in_file) return output.rest;
    std::string out(output.rest_size, '\0');
    if (!file.read(output.rest_at, out.data(), out.size())) return {};
    return out;
  }

  std::optional<OutputId> known_output(std::size_t hash, const Growing& done) const {
    auto [at, end] = outputs_by_hash.equal_range(hash);
    for (; at != end; ++at) {
      const Finished& one = outputs[at->second];
      if (one.blocks == done.blocks && one.dropped == done.dropped && one.rest_size == done.rest.size() && rest_of(one) == done.rest)
        return at->second;
    }
    return std::nullopt;
  }

  /// Moves a rest out of memory, packed with others into a slot that is never given back.
  void spill_rest(Finished& output) {
    if (pack_left < output.rest.size()) {
      const std::uint32_t slot = new_slot();
      blocks[slot] = {0, 1};
      pack_at = offset_of(slot);
      pack_left = block_bytes;
    }
    if (auto written = file.write(pack_at, output.rest); !written) {
      if (!failure) failure = std::move(written).error();
      return;  // stays in memory
    }
    output.rest_at = pack_at;
    output.rest_in_file = true;
    pack_at += output.rest.size();
    pack_left -= output.rest.size();
    output.rest = {};
  }
};

OutputStore::OutputStore(StoreLimits limits) : state_(std::make_unique<State>(std::move(limits))) {}
OutputStore::~OutputStore() = default;

void OutputStore::append(Growing& to, std::string_view bytes) {
  const std::uint64_t room = state_->limits.output_bytes - std::min(state_->limits.output_bytes, to.bytes);
  if (bytes.size() > room || to.dropped > 0) {
    const std::size_t keep = to.dropped > 0 ? 0 : static_cast<std::size_t>(room);
    to.dropped += bytes.size() - keep;
    bytes = bytes.substr(0, keep);
  }
  while (!bytes.empty()) {
    const std::size_t part = std::min(bytes.size(), block_bytes - to.rest.size());
    to.rest += bytes.substr(0, part);
    to.bytes += part;
    bytes.remove_prefix(part);
    if (to.rest.size() < block_bytes) return;
    if (const auto block = state_->keep_block(to.rest)) {
      to.blocks.push_back(*block);
    } else {  // the disk is full: count what is lost, and take nothing more
      to.bytes -= block_bytes;
      to.dropped += block_bytes + bytes.size();
      bytes = {};
    }
    to.rest.clear();
  }
}

OutputId OutputStore::finish(Growing&& done) {
  if (done.bytes == 0 && done.dropped == 0) return 0;
  State& state = *state_;
  std::size_t hash = mix(std::hash<std::string_view>{}(done.rest), done.dropped);
  for (const std::uint32_t block : done.blocks) hash = mix(hash, block);
  if (const auto known = state.known_output(hash, done)) {
    ++state.outputs[*known].users;
    state.drop_blocks(done.blocks);
    return *known;
  }
  OutputId id = 0;
  if (state.free_outputs.empty()) {
    id = static_cast<OutputId>(state.outputs.size());
    state.outputs.emplace_back();
  } else {
    id = state.free_outputs.back();
    state.free_outputs.pop_back();
  }
  Finished& output = state.outputs[id];
  done.rest.shrink_to_fit();
  done.blocks.shrink_to_fit();
  output = {.blocks = std::move(done.blocks), .rest = std::move(done.rest), .bytes = done.bytes, .dropped = done.dropped, .hash = hash, .users = 1};
  output.rest_size = static_cast<std::uint32_t>(output.rest.size());
  if (state.memory + output.rest_size > state.limits.memory_bytes) state.spill_rest(output);
  if (!output.rest_in_file) state.memory += output.rest_size;
  state.outputs_by_hash.emplace(hash, id);
  return id;
}

void OutputStore::discard(Growing&& gone) {
  state_->drop_blocks(gone.blocks);
  gone = {};
}

void OutputStore::release(OutputId id) {
  if (id == 0) return;
  State& state = *state_;
  Finished& output = state.outputs[id];
  HERDER_ASSERT(output.users > 0);
  if (--output.users > 0) return;
  for (auto [at, end] = state.outputs_by_hash.equal_range(output.hash); at != end; ++at)
    if (at->second == id) {
      state.outputs_by_hash.erase(at);
      break;
    }
  state.drop_blocks(output.blocks);
  if (!output.rest_in_file) state.memory -= output.rest_size;
  output = {};
  state.free_outputs.push_back(id);
}

std::uint64_t OutputStore::size(OutputId id) const { return state_->outputs[id].bytes; }

std::uint64_t OutputStore::dropped(OutputId id) const { return state_->outputs[id].dropped; }

Result<> OutputStore::read(OutputId id, const std::function<Result<>(std::string_view)>& piece) const {
  const Finished& output = state_->outputs[id];
  std::string block(output.blocks.empty() ? 0 : block_bytes, '\0');
  for (const std::uint32_t slot : output.blocks) {
    HERDER_TRY_VOID(state_->file.read(State::offset_of(slot), block.data(), block_bytes));
    HERDER_TRY_VOID(piece(block));
  }
  if (output.rest_size == 0) return {};
  const std::string rest = state_->rest_of(output);
  if (rest.size() != output.rest_size) return fail(Errc::io, "cannot read the hosts' output back");
  return piece(rest);
}

Result<std::string> OutputStore::text(OutputId id, std::uint64_t limit) const {
  std::string out;
  HERDER_TRY_VOID(read(id, [&](std::string_view piece) -> Result<> {
    if (out.size() < limit) out += piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), limit - out.size())));
    return {};
  }));
  return out;
}

const std::optional<Error>& OutputStore::failure() const { return state_->failure; }

OutputStore::Usage OutputStore::usage() const {
  return {.memory_bytes = state_->memory,
          .file_bytes = state_->file.size(),
          .blocks = state_->blocks.size() - state_->free_blocks.size(),
          .outputs = state_->outputs.size() - 1 - state_->free_outputs.size()};
}

}  // namespace herder::report
