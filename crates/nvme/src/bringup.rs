//! Bring-up (section 7.6.1): reset, admin queues, identify, one I/O queue pair. Also the way back after a failure.
//!
//! Every register access is a trip out of the virtual machine and every admin round a trip to the device, so commands
//! that do not depend on each other share a round: three rounds in all, two when coming back from a reset.

use crate::admin::Reply;
use crate::controller::Core;
use crate::identify::{MAX_NAMESPACES, active_namespaces};
use crate::wait::Wait;
use crate::{AdminCommand, Entry, Identity, NamespaceInfo, NvmeError, Refusal, RefusedNamespace, Status, StatusCode};
use alloc::vec::Vec;

/// Identify CNS values (figure 244).
const CNS_NAMESPACE: u32 = 0;
const CNS_CONTROLLER: u32 = 1;
const CNS_ACTIVE_NAMESPACES: u32 = 2;

const SET_QUEUE_COUNT: (AdminCommand, Entry) = (AdminCommand::SetQueueCount, Entry::set_one_queue());

/// What identify told; it does not change while the controller runs.
pub(crate) struct Found {
    pub(crate) identity: Identity,
    pub(crate) namespaces: Vec<NamespaceInfo>,
    pub(crate) refused: Vec<RefusedNamespace>,
}

impl Core {
    /// First start: everything.
    pub(crate) fn bring_up(&mut self) -> Result<Found, NvmeError> {
        self.reset()?;
        let identify = |cns, page| Entry::identify(cns, 0, self.buffers.page_address(page));
        let [controller, list, queues] = self.admin([
            (AdminCommand::IdentifyController, identify(CNS_CONTROLLER, 0)),
            (AdminCommand::ListNamespaces, identify(CNS_ACTIVE_NAMESPACES, 1)),
            SET_QUEUE_COUNT,
        ])?;
        controller.check()?;
        queues.check()?;
        let min_page_bytes = self.registers.capabilities().min_page_bytes();
        let identity = Identity::decode(&self.buffers.page(0), min_page_bytes);
        self.limit_transfers(&identity);
        let ids: Vec<u32> = match list.check() {
            Ok(_) => active_namespaces(&self.buffers.page(1)).collect(),
            Err(_) if is_unknown_cns(list.status) => (1..=identity.max_namespace).take(MAX_NAMESPACES).collect(),
            Err(error) => return Err(error),
        };
        let mut found = Found { identity, namespaces: Vec::new(), refused: Vec::new() };
        self.identify_and_create_queues(&ids, &mut found)?;
        Ok(found)
    }

    /// After a failure: the same queues again. What identify told still holds.
    pub(crate) fn bring_back(&mut self) -> Result<(), NvmeError> {
        self.reset()?;
        let [queues] = self.admin([SET_QUEUE_COUNT])?;
        queues.check()?;
        let [created] = self.admin([self.create_completion_queue()])?;
        created.check()?;
        self.create_submission_queue()
    }

    /// A controller reset (section 7.3.2), ending with the controller enabled and both queue pairs empty.
    fn reset(&mut self) -> Result<(), NvmeError> {
        self.disable()?;
        self.admin.reset();
        self.io.reset();
        if self.platform.interrupt.is_none() {
            self.registers.mask_pin();
        }
        let (submission, completion) = self.admin.addresses();
        self.registers.set_admin_queues(self.admin.entries(), submission, completion);
        self.registers.enable();
        self.await_ready(true)
    }

    /// Clears CC.EN and waits until the device has stopped; it then writes nothing to memory any more.
    pub(crate) fn disable(&self) -> Result<(), NvmeError> {
        if self.registers.is_enabled()? {
            self.registers.disable();
        }
        self.await_ready(false)
    }

    fn await_ready(&self, enabling: bool) -> Result<(), NvmeError> {
        let patience = self.registers.capabilities().ready_timeout();
        let deadline = self.platform.clock.now().after(patience);
        let mut wait = Wait::for_register(&self.platform);
        loop {
            // The clock is read first: a status read after the deadline still counts.
            let expired = self.platform.clock.now() >= deadline;
            let status = self.registers.status()?;
            if enabling && status.is_fatal() {
                return Err(NvmeError::Fatal);
            }
            if status.is_ready() == enabling {
                return Ok(());
            }
            if expired {
                return Err(NvmeError::NotReady { enabling, waited: patience });
            }
            wait.pause(&self.platform, deadline, &|| false);
        }
    }

    /// Takes MDTS into account.
    fn limit_transfers(&mut self, identity: &Identity) {
        if let Some(limit) = identity.max_transfer_bytes {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            self.options.slot_bytes = self.options.slot_bytes.min(limit);
        }
    }

    /// Identifies the namespaces `ids`, the first one in the round that creates the completion queue.
    fn identify_and_create_queues(&mut self, ids: &[u32], found: &mut Found) -> Result<(), NvmeError> {
        let create = self.create_completion_queue();
        let Some((first, rest)) = ids.split_first() else {
            let [created] = self.admin([create])?;
            created.check()?;
            return self.create_submission_queue();
        };
        let [created, identified] = self.admin([create, self.identify_namespace(*first)])?;
        created.check()?;
        self.take_namespace(*first, identified, found);
        for id in rest {
            let [identified] = self.admin([self.identify_namespace(*id)])?;
            self.take_namespace(*id, identified, found);
        }
        self.create_submission_queue()
    }

    fn identify_namespace(&self, id: u32) -> (AdminCommand, Entry) {
        let page = self.buffers.page_address(0);
        (AdminCommand::IdentifyNamespace, Entry::identify(CNS_NAMESPACE, id, page))
    }

    /// Sorts a namespace into the usable or the refused ones.
    fn take_namespace(&self, id: u32, identified: Reply, found: &mut Found) {
        let decoded = if identified.status.is_success() {
            NamespaceInfo::decode(id, &self.buffers.page(0))
        } else {
            Err(RefusedNamespace { id, reason: Refusal::Unidentified { status: identified.status } })
        };
        match decoded {
            Ok(info) => found.namespaces.push(info),
            Err(refused) => found.refused.push(refused),
        }
    }

    fn create_completion_queue(&self) -> (AdminCommand, Entry) {
        let interrupts = self.platform.interrupt.is_some();
        let (_, address) = self.io.addresses();
        let entry = Entry::create_completion_queue(self.io.entries(), address, interrupts);
        (AdminCommand::CreateCompletionQueue, entry)
    }

    /// The round after the completion queue exists: the controller may carry out a round's commands in any order.
    fn create_submission_queue(&mut self) -> Result<(), NvmeError> {
        let (address, _) = self.io.addresses();
        let entry = Entry::create_submission_queue(self.io.entries(), address);
        let [created] = self.admin([(AdminCommand::CreateSubmissionQueue, entry)])?;
        created.check().map(drop)
    }
}

/// How controllers before specification 1.1 answer a CNS they do not know.
fn is_unknown_cns(status: Status) -> bool {
    matches!(status.code(), Some(StatusCode::InvalidField | StatusCode::InvalidNamespace))
}
